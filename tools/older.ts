/** Puts older bodies back where a later step replaced one. They are real TypeScript in tools/older/untilMM/, at the path of what they stand in for. */
import path from 'node:path';
import ts from 'typescript';
import {
  applyEdits,
  bindingsOf,
  isDeclared,
  namesOf,
  parse,
  rangeOf,
  specifierOf,
  type Binding,
  type Edit,
} from './syntax';

/** Declarations that stand in, before step `until`, for those of the same name in the file at `path`. */
export interface Older {
  readonly until: number;
  readonly path: string;
  readonly text: string;
}

/** A text of the package with the bodies it had after a step: where there are several, the one replaced first. */
export function withOlder(at: string, text: string, step: number, older: readonly Older[]): string {
  const fitting = older.filter((one) => one.path === at && step < one.until).sort((a, b) => b.until - a.until);
  return fitting.reduce((later, one) => merge(later, one), text);
}

/**
 * Each declaration in place of those of its name, a new one at the end, and the imports they need. What is only `declare`d is the file's
 * own; a class that extends its own later self, imported under another name, has only the members that differ.
 */
function merge(text: string, { until, path: at, text: olderText }: Older): string {
  const target = parse(at, text);
  const older = parse(`tools/older/until${until}/${at}`, olderText);
  const imports: string[] = [];
  const added: string[] = [];
  const edits: Edit[] = [];
  const replace = (there: readonly ts.Node[], node: ts.Node): boolean => {
    const names = namesOf(node);
    const replaced = there.filter((one) => namesOf(one).some((name) => names.includes(name)));
    replaced.forEach((one, i) => edits.push([...rangeOf(one), i === 0 ? `\n\n${bodyOf(node)}` : '']));
    return replaced.length > 0;
  };
  const bound = target.statements.filter(ts.isImportDeclaration).flatMap(bindingsOf);
  for (const statement of older.statements) {
    const specifier = specifierOf(statement);
    if (specifier !== null) {
      const from = moved(specifier, older.fileName, at);
      if (from === `./${path.posix.basename(at, '.ts')}`) continue; // what the file itself declares
      const wanted = bindingsOf(statement).filter((one) => {
        const there = bound.find((other) => namesOf(other).join() === namesOf(one).join());
        if (!there || isTypeOnly(one) || !isTypeOnly(there)) return !there;
        const comma = /^\s*,/.exec(text.slice(there.end))?.[0].length ?? 0;
        edits.push([there.getStart(), there.end + comma, '']); // the one that is more than a type takes its place
        return true;
      });
      if (wanted.length > 0) imports.push(importText(statement, wanted).replace(specifier, from));
    } else if (ts.isClassDeclaration(statement) && extendsItself(statement)) {
      const there = target.statements.find((one) => ts.isClassDeclaration(one) && namesOf(one).join() === namesOf(statement).join()) as ts.ClassDeclaration | undefined; // prettier-ignore
      for (const member of statement.members) replace(there?.members ?? [], member);
    } else if (!isDeclared(statement) && !replace(target.statements, statement)) added.push(bodyOf(statement));
  }
  const begin = target.statements[0]?.getStart() ?? 0;
  edits.push([begin, begin, imports.map((one) => `${one}\n`).join('')]);
  return [applyEdits(text, edits).trimEnd(), ...added].join('\n\n') + '\n';
}

/** A declaration with its comments, as it stands in the package: a member overrides nothing there. */
function bodyOf(node: ts.Node): string {
  const text = node.getSourceFile().text.slice(...rangeOf(node)).replace(/^\n+/, ''); // prettier-ignore
  const partial = ts.isClassDeclaration(node.parent) && extendsItself(node.parent);
  return partial ? text.replace(/\boverride /, '') : text;
}

/** `class Optimizer extends Later`, where Later is `Optimizer as Later`. */
function extendsItself(node: ts.ClassDeclaration): boolean {
  const base = node.heritageClauses?.[0]?.types[0]?.expression.getText();
  const bound = node.getSourceFile().statements.filter(ts.isImportDeclaration).flatMap(bindingsOf);
  return bound.some((one) => ts.isImportSpecifier(one) && one.name.text === base && one.propertyName?.text === node.name?.text); // prettier-ignore
}

/** An import's specifier as the file in the package must write it; what another older file declares is in the package by then. */
function moved(specifier: string, from: string, at: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const file = path.posix.join(path.posix.dirname(from), specifier).replace(/^tools\/older\/until\d+\//, 'dezero/');
  const way = path.posix.relative(path.posix.join('dezero', path.posix.dirname(at)), file);
  return way.startsWith('.') ? way : `./${way}`;
}

/** An import with only some of its names. */
function importText(statement: ts.Statement, wanted: readonly Binding[]): string {
  const all = bindingsOf(statement);
  const [begin, end] = [all[0]?.getStart() ?? 0, all.at(-1)?.end ?? 0];
  const text = statement.getSourceFile().text;
  const names = wanted.map((one) => one.getText()).join(', ');
  return text.slice(statement.getStart(), begin) + names + text.slice(end, statement.end);
}

function isTypeOnly(node: Binding): boolean {
  if (ts.isImportSpecifier(node)) return node.isTypeOnly || node.parent.parent.isTypeOnly;
  return ts.isNamespaceImport(node) && node.parent.isTypeOnly;
}
