/**
 * The package as it stood after step N, cut from the whole on the compiler's own syntax tree: what is `@since` a later step goes,
 * then whatever only that needed, and older bodies come back where a later step replaced one.
 */
import path from 'node:path';
import ts from 'typescript';
import { withOlder, type Older } from './older';
import type { Sources } from './sources';
import { applyEdits, bindingsOf, callOf, isExported, isPrivate, namesOf, parse, rangeOf, shorthandsOf, sinceOf, specifierOf, typesIn, useOf, type Edit } from './syntax'; // prettier-ignore

/** Beside the package's texts: older bodies, and the files that names like `#files` stand for. */
export interface CutOptions {
  readonly older?: readonly Older[];
  readonly aliases?: ReadonlyMap<string, string>;
}

/** What `sources` was after a step; files that become empty are left out. */
export function cut(sources: Sources, step: number, { older = [], aliases = new Map() }: CutOptions = {}): Sources {
  const files = new Map<string, CutFile>();
  for (const [at, text] of sources) files.set(at, new CutFile(at, withOlder(at, text, step, older), step));
  const links = new Links(files, aliases);
  // An export that goes takes imports with it, and these their helpers, until nothing more falls.
  for (let falls = true; falls;) {
    links.forget();
    falls = [...files.values()].map((file) => file.prune(links)).includes(true);
  }
  return new Map([...files].filter(([, file]) => !file.empty).map(([at, file]) => [at, file.print()]));
}

/** Who exports what, as things stand. */
class Links {
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly files: ReadonlyMap<string, CutFile>,
    private readonly aliases: ReadonlyMap<string, string>,
  ) {}

  forget(): void {
    this.known.clear();
  }

  /** True if `name`, or with null anything, can be imported from `specifier`. What lies outside the package can. */
  has(from: string, specifier: string, name: string | null): boolean {
    const base = this.aliases.get(specifier) ?? (specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier) : null); // prettier-ignore
    if (base === null) return true;
    const file = [base, `${base}.ts`, `${base}/index.ts`].map((at) => this.files.get(at)).find((one) => one);
    if (!file || file.empty || name === null) return file !== undefined && !file.empty;
    const key = `${file.at}:${name}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, false); // for files that re-export each other
    this.known.set(key, file.exports(name, this));
    return this.known.get(key) ?? false;
  }
}

class CutFile {
  private readonly source: ts.SourceFile;
  private readonly declared = new Map<string, ts.Node[]>();
  private readonly gone = new Set<ts.Node>();

  constructor(
    readonly at: string,
    text: string,
    step: number,
  ) {
    this.source = parse(at, text);
    for (const one of this.source.statements) {
      const nodes = ts.isExportDeclaration(one) ? [] : [one, ...bindingsOf(one)];
      for (const node of nodes) {
        for (const name of namesOf(node)) this.declared.set(name, [...(this.declared.get(name) ?? []), node]);
      }
    }
    const [first] = this.source.statements;
    const whole = first && ts.isImportDeclaration(first) ? (sinceOf(first) ?? 0) : 0; // a script's docstring stands on top
    if (whole > step) for (const one of this.source.statements) this.gone.add(one);
    this.dropLater(this.source.statements, step);
    for (const type of typesIn(this.source)) this.dropLater(type.members, step);
  }

  /** True if none of its exports is left; for a script that has none, nothing but imports. */
  get empty(): boolean {
    const offers = (one: ts.Statement) => isExported(one) || ts.isExportDeclaration(one);
    const left = this.left(this.source.statements);
    return this.source.statements.some(offers) ? !left.some(offers) : left.every(ts.isImportDeclaration);
  }

  exports(name: string, links: Links): boolean {
    return this.left(this.source.statements).some((statement) => {
      if (isExported(statement)) return namesOf(statement).includes(name);
      if (!ts.isExportDeclaration(statement)) return false;
      if (statement.exportClause) return this.left(bindingsOf(statement)).some((one) => namesOf(one).includes(name));
      return links.has(this.at, specifierOf(statement) ?? '', name);
    });
  }

  /** Takes away what names something that is gone, then what nothing names any more. True if anything went. */
  prune(links: Links): boolean {
    const before = this.gone.size;
    const lost = (name: string) => this.declared.get(name)?.every((node) => this.gone.has(node)) ?? false;
    for (const statement of this.left(this.source.statements)) {
      const from = specifierOf(statement);
      if (from !== null && !links.has(this.at, from, null)) this.gone.add(statement);
      for (const one of bindingsOf(statement)) {
        const name =
          ts.isImportSpecifier(one) || ts.isExportSpecifier(one) ? (one.propertyName ?? one.name).text : null;
        if (from === null ? lost(name ?? '') : !links.has(this.at, from, name)) this.gone.add(one);
      }
      for (const one of shorthandsOf(statement)) if (lost(one.name.text)) this.gone.add(one);
      const names = (node: ts.Node): boolean =>
        !this.gone.has(node) && (ts.isIdentifier(node) ? useOf(node) === 'name' && lost(node.text) : (ts.forEachChild(node, names) ?? false)); // prettier-ignore
      if (callOf(statement) && names(statement)) this.gone.add(statement);
    }
    this.sweep();
    for (const statement of this.left(this.source.statements)) {
      const parts = this.partsOf(statement);
      const binds = parts.length > 0 || (ts.isImportDeclaration(statement) && statement.importClause !== undefined);
      if (binds && this.left(parts).length === 0) this.gone.add(statement);
    }
    return this.gone.size > before;
  }

  /** What is left, as text. */
  print(): string {
    const edits: Edit[] = [];
    const drop = (node: ts.Node) => edits.push([...rangeOf(node), '']);
    for (const statement of this.source.statements) {
      if (this.gone.has(statement)) drop(statement);
      else if (typesIn(statement).length > 0)
        typesIn(statement).flatMap(({ members }) => members.filter((one) => this.gone.has(one))).forEach(drop); // prettier-ignore
      else {
        const parts = this.partsOf(statement);
        const [first, last] = [parts[0], parts.at(-1)];
        if (!first || !last || this.left(parts).length === parts.length) continue;
        edits.push([first.getStart(), last.end, this.left(parts).map((part) => part.getText()).join(', ')]); // prettier-ignore
      }
    }
    return `${applyEdits(this.source.text, edits).trim()}\n`;
  }

  private left<T extends ts.Node>(nodes: Iterable<T>): T[] {
    return [...nodes].filter((node) => !this.gone.has(node));
  }

  /** What a statement consists of: the names of a list, the members in a `declare module`. It falls with the last. */
  private partsOf(statement: ts.Statement): readonly ts.Node[] {
    if (ts.isModuleDeclaration(statement)) return typesIn(statement).flatMap(({ members }): readonly ts.Node[] => members); // prettier-ignore
    return [...bindingsOf(statement), ...shorthandsOf(statement)];
  }

  /** Of several with one name (overloads, a getter and its setter) the first speaks for all. */
  private dropLater(nodes: Iterable<ts.Node>, step: number): void {
    const first = new Map<string, number>();
    for (const node of nodes) {
      const name = namesOf(node).join();
      const since = first.get(name) ?? sinceOf(node) ?? 0;
      if (name === '') continue;
      first.set(name, since);
      if (since > step) this.gone.add(node);
    }
  }

  /** Goes from what is exported, or runs by itself, to all that it names. The rest goes; private members that nobody names too. */
  private sweep(): void {
    const reached = new Set<ts.Node>();
    const members = new Set<string>();
    let waiting: ts.Node[] = [];
    const visit = (node: ts.Node): void => {
      if (this.gone.has(node) || reached.has(node)) return;
      if (isPrivate(node) && !namesOf(node).some((name) => members.has(name))) return void waiting.push(node);
      reached.add(node);
      if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return ts.forEachChild(node, visit);
      if (useOf(node) === 'member') members.add(node.text);
      if (useOf(node) === 'name') this.declared.get(node.text)?.forEach(visit);
    };
    const runs = (one: ts.Statement) => isExported(one) || (namesOf(one).length === 0 && specifierOf(one) === null);
    this.source.statements.filter(runs).forEach(visit);
    for (let count = -1; count < reached.size;) {
      count = reached.size;
      const again = waiting;
      waiting = [];
      again.forEach(visit);
    }
    for (const node of [...waiting, ...[...this.declared.values()].flat()]) if (!reached.has(node)) this.gone.add(node);
  }
}
