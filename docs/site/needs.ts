/** What a step stands on: the steps that its first line names, or those that introduced what it imports. */
import ts from 'typescript';
import { BIRTH, LAST } from '../../tools/stepNumbers';
import { bindingsOf, parse, specifierOf } from '../../tools/syntax';
import type { Book } from '../plugins/book';
import { pick } from '../plugins/code';
import type { ApiName } from './api';

const PREFIX: Readonly<Record<string, string>> = { functions: 'F', layers: 'L', models: 'M', optimizers: 'O' };

/** The steps that a step needs, in order. The package as a whole needs all that led to it. */
export function needs(book: Book, step: number): number[] {
  const bases = book.basesOf(step);
  const found = bases.length > 0 || step < BIRTH ? bases : step === BIRTH ? ends(book) : [...sinceOfImports(book, step), ...sinceOfGains(book, step)]; // prettier-ignore
  return [...new Set(found)].filter((one) => one !== step && book.steps.includes(one)).sort((a, b) => a - b);
}

/** The steps before the package on which no other of them builds. */
function ends(book: Book): number[] {
  const early = book.steps.filter((step) => step < BIRTH);
  const used = new Set(early.flatMap((step) => book.basesOf(step)));
  return early.filter((step) => !used.has(step));
}

function sinceOfImports(book: Book, step: number): number[] {
  const source = parse('step.ts', book.step(step));
  const imports = source.statements.filter(ts.isImportDeclaration);
  return imports.flatMap((one) => {
    const entry = /^dezero(?:\/(\w+))?$/.exec(specifierOf(one) ?? '');
    if (!entry) return [];
    const prefix = PREFIX[entry[1] ?? ''] ?? entry[1];
    const names = bindingsOf(one).flatMap((binding) =>
      ts.isNamespaceImport(binding)
        ? membersOf(source, binding.name.text)
        : ts.isImportSpecifier(binding)
          ? [(binding.propertyName ?? binding.name).text]
          : [],
    );
    const sinceOf = (name: string) => (book.find(prefix ? `${prefix}.${name}` : name)[0] ?? book.find(name)[0])?.since;
    return names.map((name) => Math.max(sinceOf(name) ?? 0, BIRTH)).filter((since) => since < step);
  });
}

/** When that was introduced which the step's own part of the package names. */
function sinceOfGains(book: Book, step: number): number[] {
  const isValue = ({ kind }: ApiName) => kind === 'class' || kind === 'function';
  const values = new Map(book.names.filter(isValue).map(({ name, since }) => [name, since]));
  const words = book.names.filter((one) => isValue(one) && one.since === step).flatMap(({ name, at }) => {
    const text = pick(at, book.packageFile(LAST, at) ?? '', name.replace(/^nd\./, ''));
    return text.match(/(?<![.\w])\w+(?=[(\s]|\.call)/g) ?? [];
  }); // prettier-ignore
  return [...new Set(words)].flatMap((word) => values.get(word) ?? []).filter((since) => since < step);
}

/** The x of each `F.x`. */
function membersOf(source: ts.SourceFile, namespace: string): string[] {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === namespace) found.add(node.name.text);
    if (ts.isQualifiedName(node) && node.left.getText() === namespace) found.add(node.right.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found];
}

/** A title without its explanation: "Memory: who keeps the graph alive?" is "Memory". */
export function short(title: string): string {
  return title.split(/[:;,?] ?/, 1)[0] ?? title;
}
