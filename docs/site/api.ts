/** The package's public names, read off its sources: what each is, what its docstring says, from which step on it is there. */
import path from 'node:path';
import ts from 'typescript';
import type { Sources } from '../../tools/sources';
import { bindingsOf, isExported, isPrivate, namesOf, parse, sinceOf, specifierOf, typesIn } from '../../tools/syntax';
import { escape } from './escape';

/** The pages of the reference, in the order in which they are read. */
export const PAGES = ['core', 'ndarray', 'functions', 'layers', 'models', 'optimizers', 'data', 'io', 'utils'] as const;
export type PageName = (typeof PAGES)[number];

/** A docstring in its parts. */
export interface Doc {
  /** The first sentence. */
  readonly first: string;
  /** What comes after it. */
  readonly rest: string;
  /** What it says of errors. */
  readonly throws: string;
  /** A few lines of TypeScript, with what they give behind `// →`. */
  readonly example: string;
}

/** What stands in the reference under one heading. */
export interface ApiName {
  /** `softmax`, or of a member `Variable.backward`; an operation on arrays is `nd.sum`. */
  readonly name: string;
  readonly page: PageName;
  /** The file, by its path from `dezero/`. */
  readonly at: string;
  readonly kind: 'class' | 'function' | 'value' | 'type' | 'member';
  readonly signature: string;
  readonly doc: Doc;
  readonly since: number;
  /** Of a class or an interface. */
  readonly members: readonly ApiName[];
}

/** The address of a name's place in the reference, as a link in a page. */
export function addressOf({ page, name }: ApiName): string {
  return `/reference/${page}.md#${anchorOf(name)}`;
}

export function anchorOf(name: string): string {
  return name.replace(/[^\w]+/g, '-');
}

/** An export, and where it is declared. */
interface Export {
  readonly at: string;
  readonly name: string;
  /** Under which name it is exported. */
  readonly as: string;
  /** `nd`, of `export * as nd`. */
  readonly namespace?: string;
}

/** Of a function the class that it calls, if that is among some names: of `softmax` it is `Softmax`. */
export function classOf(one: ApiName, among: readonly ApiName[]): ApiName | null {
  if (one.kind !== 'function') return null;
  return among.find(({ kind, name }) => kind === 'class' && name.toLowerCase() === one.name.toLowerCase()) ?? null;
}

/** All names that one can import, each once, by page and file. */
export class Api {
  readonly names: readonly ApiName[];
  private readonly files = new Map<string, ts.SourceFile>();
  private readonly exports = new Map<string, readonly Export[]>();
  private readonly added = new Map<string, ts.TypeElement[]>();

  constructor(
    private readonly sources: Sources,
    private readonly aliases: ReadonlyMap<string, string>,
  ) {
    for (const [at, text] of sources) if (!at.endsWith('.generated.ts')) this.files.set(at, parse(at, text));
    for (const file of this.files.values()) this.noteAdded(file);
    const found = new Map<string, ApiName>();
    const put = (prefix: string, at: string, name: string, as: string): void => {
      for (const one of this.describe(at, name, prefix + as)) {
        const key = `${one.page} ${one.name}`;
        const known = found.get(key);
        if (!known || rankOf(known) > rankOf(one)) found.set(key, one);
      }
    };
    const roots = ['index.ts', ...PAGES.filter((page) => page !== 'core' && page !== 'ndarray').map((page) => `${page}/index.ts`)]; // prettier-ignore
    for (const root of roots) {
      for (const { at, name, as, namespace } of this.exportsOf(root))
        put(namespace ? `${namespace}.` : '', at, name, as);
    }
    const order = [...this.files.keys()];
    const rank = (one: ApiName) => PAGES.indexOf(one.page) * 1e6 + order.indexOf(one.at);
    this.names = [...found.values()].sort((a, b) => rank(a) - rank(b));
  }

  /** The names that `[[text]]` can mean, members too. */
  find(text: string): ApiName[] {
    const [prefix = '', rest = ''] = text.split(/\.(.*)/s);
    const page = prefixes[prefix];
    const all = this.names.flatMap((one) => [one, ...one.members]);
    const exact = all.filter((one) => one.name === text);
    if (exact.length > 0 || !page) return exact;
    return all.filter(
      (one) => one.name === rest && (one.page === page || (page === 'functions' && one.page === 'core')),
    );
  }

  private noteAdded(file: ts.SourceFile): void {
    for (const statement of file.statements.filter(ts.isModuleDeclaration)) {
      for (const type of typesIn(statement).filter(ts.isInterfaceDeclaration)) {
        this.added.set(type.name.text, [...(this.added.get(type.name.text) ?? []), ...type.members]);
      }
    }
  }

  /** What a file exports, down to where it is declared. */
  private exportsOf(at: string): readonly Export[] {
    const known = this.exports.get(at);
    if (known) return known;
    this.exports.set(at, []); // for files that re-export each other
    const found = this.readExports(at);
    this.exports.set(at, found);
    return found;
  }

  private readExports(at: string): Export[] {
    const statements = this.files.get(at)?.statements ?? [];
    return statements.flatMap((statement): readonly Export[] => {
      if (isExported(statement)) return namesOf(statement).map((name) => ({ at, name, as: name }));
      if (!ts.isExportDeclaration(statement)) return [];
      const from = this.resolve(at, specifierOf(statement) ?? '');
      if (from === null) return [];
      if (!statement.exportClause) return this.exportsOf(from);
      return bindingsOf(statement).flatMap((one): readonly Export[] => {
        if (ts.isNamespaceExport(one))
          return this.exportsOf(from).map((each) => ({ ...each, namespace: one.name.text }));
        if (!ts.isExportSpecifier(one)) return [];
        const wanted = (one.propertyName ?? one.name).text;
        return this.exportsOf(from)
          .filter(({ as }) => as === wanted)
          .map((each) => ({ ...each, as: one.name.text }));
      });
    });
  }

  private resolve(at: string, specifier: string): string | null {
    const base = this.aliases.get(specifier) ?? path.posix.join(path.posix.dirname(at), specifier);
    return [base, `${base}.ts`, `${base}/index.ts`].find((one) => this.files.has(one)) ?? null;
  }

  private describe(at: string, name: string, as: string): ApiName[] {
    const page = pageOf(at);
    const nodes = this.files.get(at)?.statements.filter((one) => isExported(one) && namesOf(one).includes(name)) ?? [];
    const [node] = nodes;
    if (!node || !page) return [];
    const members =
      ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) ? this.membersOf(node, page, as) : [];
    const signature = nodes.filter((one) => !ts.isFunctionDeclaration(one) || !one.body || nodes.length === 1).map((one) => signatureOf(one, name)).join('\n'); // prettier-ignore
    return [
      { name: as, page, at, kind: kindOf(node), signature, doc: docOf(node), since: sinceOf(node) ?? 0, members },
    ];
  }

  private membersOf(type: ts.ClassDeclaration | ts.InterfaceDeclaration, page: PageName, owner: string): ApiName[] {
    const own: readonly (ts.ClassElement | ts.TypeElement)[] = [...type.members];
    const all = [...own, ...(this.added.get(owner) ?? [])].filter((one) => !isPrivate(one) && !isProtected(one));
    const seen = new Set<string>();
    return all.flatMap((member): ApiName[] => {
      const name = ts.isConstructorDeclaration(member) ? 'constructor' : namesOf(member).join();
      const doc = docOf(member);
      if (name === '' || seen.has(name) || sinceOf(member) === null) return [];
      seen.add(name);
      const at = member.getSourceFile().fileName;
      return [{ name: `${owner}.${name}`, page, at, kind: 'member', signature: signatureOf(member, name), doc, since: sinceOf(member) ?? 0, members: [] }]; // prettier-ignore
    });
  }
}

const prefixes: Readonly<Record<string, PageName>> = {
  F: 'functions', L: 'layers', M: 'models', O: 'optimizers', data: 'data', io: 'io', utils: 'utils', core: 'core', ndarray: 'ndarray',
}; // prettier-ignore

function rankOf({ name }: ApiName): number {
  return name.startsWith('nd.') ? 1 : 0;
}

function pageOf(at: string): PageName | null {
  const [folder = ''] = at.split('/');
  return PAGES.find((page) => page === (folder === 'backends' ? 'ndarray' : folder)) ?? null;
}

function isProtected(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ProtectedKeyword) ?? false); // prettier-ignore
}

function kindOf(node: ts.Statement): ApiName['kind'] {
  if (ts.isClassDeclaration(node)) return 'class';
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return 'type';
  return ts.isFunctionDeclaration(node) || arrowOf(node) ? 'function' : 'value';
}

/** Of `export const square = (x: Variable): Variable => …` the arrow function. */
function arrowOf(node: ts.Node, name?: string): ts.ArrowFunction | null {
  if (!ts.isVariableStatement(node)) return null;
  const one = node.declarationList.declarations.find((each) => name === undefined || each.name.getText() === name);
  return one?.initializer && ts.isArrowFunction(one.initializer) ? one.initializer : null;
}

/** How it is written in use: without bodies and without what only its own file needs. */
function signatureOf(node: ts.Node, name: string): string {
  const text = node.getSourceFile().text;
  const upTo = (from: number, to: number) =>
    text.slice(from, to).replace(/\/\*\*.*?\*\//gs, '').replace(/\s*\n\s*/g, ' ').replace(/([([]) /g, '$1').replace(/,? ([)\]])/g, '$1').replaceAll(', }', ' }').trim(); // prettier-ignore
  const arrow = arrowOf(node, name);
  if (arrow) return `${name}${upTo(arrow.getStart(), arrow.equalsGreaterThanToken.getStart())}`.replace('async', '');
  if (ts.isFunctionDeclaration(node)) return upTo(node.name?.getStart() ?? 0, node.body?.getStart() ?? node.end).replace(/;$/, ''); // prettier-ignore
  if (ts.isClassDeclaration(node)) return upTo(node.getStart(), node.members.pos).replace(/^export /, '').replace(/\s*\{$/, ''); // prettier-ignore
  if (ts.isInterfaceDeclaration(node)) return upTo(node.getStart(), node.members.pos).replace(/^export /, '').replace(/\s*\{$/, ''); // prettier-ignore
  if (ts.isTypeAliasDeclaration(node))
    return upTo(node.getStart(), node.end)
      .replace(/^export /, '')
      .replace(/;$/, '');
  if (ts.isVariableStatement(node)) {
    const type = node.declarationList.declarations.find((each) => each.name.getText() === name)?.type;
    return `const ${name}${type ? `: ${type.getText()}` : ''}`;
  }
  if (ts.isConstructorDeclaration(node))
    return `new ${ownerOf(node)}(${upTo(node.parameters.pos, node.parameters.end).replace(/\b(?:private|protected) (?:readonly )?/g, '').replace(/,$/, '')})`; // prettier-ignore
  const body = (node as ts.MethodDeclaration).body ?? (node as ts.PropertyDeclaration).initializer;
  const end = body ? upTo(node.getStart(), body.getStart()) : upTo(node.getStart(), node.end);
  return end
    .replace(/\s*=$/, '')
    .replace(/;$/, '')
    .replace(/\b(override|readonly|public|async|declare) /g, '')
    .trim();
}

function ownerOf(node: ts.Node): string {
  return (node.parent as ts.ClassDeclaration).name?.text ?? '';
}

/** The docstring of a node, or for a property of a constructor's parameter none. */
export function docOf(node: ts.Node): Doc {
  const { text } = node.getSourceFile();
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const comment = comments.map(({ pos, end }) => text.slice(pos, end)).findLast((one) => one.startsWith('/**')) ?? '';
  return readDoc(comment);
}

/** Takes a docstring apart. */
export function readDoc(comment: string): Doc {
  const words = comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^ *\* ?/gm, '')
    .replace(/@since \d+/g, '')
    .trim();
  const [said = '', ...tags] = ` ${words}`.split(/(?=@(?:throws|example)\b)/); // a blank: a docstring may begin with a tag
  const textOf = (tag: string) => tags.filter((one) => one.startsWith(tag)).map((one) => one.slice(tag.length).trim());
  const [, first = '', rest = ''] = /^(.*?[.!?](?=\s|$)|.*$)(.*)$/s.exec(said.trim()) ?? [];
  return {
    first: inOneLine(first),
    rest: rest.trim(),
    throws: inOneLine(textOf('@throws').join(' ')),
    example: textOf('@example').join('\n'),
  };
}

function inOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** Docstrings are plain text with `code`: what Markdown, HTML or Vue would read into the rest is taken as it stands. */
export function prose(text: string): string {
  return text
    .replace(/\{@link ([\w.]+)\}/g, '`$1`')
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`')
        ? part
        : escape(part)
            .replace(/[*_[\]$~^\\|]/g, '\\$&')
            .replaceAll('{{', '&#123;&#123;'),
    )
    .join('');
}
