/** Pieces of TypeScript by name: a declaration, a member of a class, a region between comments. */
import ts from 'typescript';
import { namesOf, parse, rangeOf, typesIn } from '../../tools/syntax';
import { Mistake } from './mistake';
import { dedent, type Lines } from './range';

export interface PickOptions {
  /** Without the docstring. */
  readonly bare?: boolean;
}

/** The piece of a file that `name` means: `descend`, `Variable.backward`, or a region. `file` is for the message. */
export function pick(file: string, text: string, name: string, { bare = false }: PickOptions = {}): string {
  const nodes = declarations(file, text, name);
  if (nodes.length === 0) return region(file, text, name);
  return nodes.map((node) => dedent(shown(node, bare))).join('\n\n');
}

/** All that can be picked from a file, by name. */
export function namesIn(file: string, text: string): string[] {
  const source = parsed(file, text);
  const top = source.statements.flatMap(namesOf);
  const members = typesIn(source).flatMap((type) =>
    [...type.members].map((member) => `${type.name?.text ?? ''}.${memberName(member)}`),
  );
  return [...new Set([...top, ...members])];
}

let last: ts.SourceFile | null = null;

/** One file is asked for many names in a row. */
function parsed(file: string, text: string): ts.SourceFile {
  if (last?.text !== text) last = parse(file, text);
  return last;
}

function declarations(file: string, text: string, name: string): readonly ts.Node[] {
  const source = parsed(file, text);
  const [owner = '', member] = name.split(/[.](.*)/s);
  if (member === undefined) return source.statements.filter((statement) => namesOf(statement).includes(owner));
  const types = typesIn(source).filter((type) => type.name?.text === owner);
  return types.flatMap((type): ts.Node[] => [...type.members].filter((one) => memberName(one) === member));
}

function memberName(node: ts.ClassElement | ts.TypeElement): string {
  return ts.isConstructorDeclaration(node) ? 'constructor' : namesOf(node).join();
}

function shown(node: ts.Node, bare: boolean): string {
  const { text } = node.getSourceFile();
  const [from, to] = rangeOf(node);
  const start = bare ? node.getStart() : from;
  const line = text.lastIndexOf('\n', bare ? start - 1 : text.slice(start).search(/\S/) + start - 1) + 1; // with its indentation
  return quiet(text.slice(line, to));
}

/** What is meant for tools, and not for readers, goes. */
export function quiet(text: string): string {
  return withoutSince(text).replace(/^ *\/\/ #(end)?region.*\n/gm, '').replace(/ *\/\/ prettier-ignore$/gm, ''); // prettier-ignore
}

/** A listing need not say of each line since when it is there; and the examples of docstrings are for the reference. */
export function withoutSince(text: string): string {
  return text
    .replace(/^ *\* @example\n(?: *\*(?!\/)(?! @).*\n)*/gm, '')
    .replace(/^ *\* @since \d+\n/gm, '')
    .replace(/ @since \d+(?= \*\/|$)/gm, '')
    .replace(/^ *\/\*\* @since \d+ \*\/\n/gm, '');
}

function region(file: string, text: string, name: string): string {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  if (begin < 0) throw new Mistake(`${file} has no ${name}${hint(name, namesIn(file, text))}`);
  let depth = 0;
  for (let i = begin; i < lines.length; i++) {
    if (lines[i]?.trim().startsWith('// #region')) depth++;
    if (lines[i]?.trim().startsWith('// #endregion') && --depth === 0) {
      return quiet(dedent(lines.slice(begin + 1, i).join('\n')));
    }
  }
  throw new Mistake(`${file}: the region ${name} does not end; write // #endregion`);
}

/** Lines of a piece of code, widened to whole statements: nothing is cut in two. */
export function wholeStatements(text: string, [first, last]: Lines): Lines {
  const source = parse('piece.ts', text);
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  let bounds: Lines = [first, last];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) && !ts.isBlock(node)) {
      const [from, to] = rangeOf(node);
      const [top, end] = [line(from + text.slice(from).search(/\S/)), line(to)];
      const touches = (at: number) => top <= at && at <= end;
      const inner = innerStatements(node).some((one) => contains(one, first)) && innerStatements(node).some((one) => contains(one, last)); // prettier-ignore
      if (inner) return ts.forEachChild(node, visit);
      if (touches(first) || touches(last)) bounds = [Math.min(bounds[0], top), Math.max(bounds[1], end)];
      return;
    }
    ts.forEachChild(node, visit);
  };
  const contains = (node: ts.Node, at: number) => {
    const [from, to] = rangeOf(node);
    return line(from + text.slice(from).search(/\S/)) <= at && at <= line(to);
  };
  ts.forEachChild(source, visit);
  return bounds;
}

/** The statements in the blocks directly below a node. */
function innerStatements(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isBlock(one)) found.push(...one.statements);
    else if (ts.isStatement(one) && one !== node) found.push(one);
    else ts.forEachChild(one, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

/** The names that look most like the one that is missing. */
export function hint(name: string, known: readonly string[]): string {
  const last = (one: string) => one.slice(one.lastIndexOf('.') + 1).toLowerCase();
  const near = known.filter((one) => last(one).includes(last(name)) || last(name).includes(last(one)));
  const some = (near.length > 0 ? near : known).slice(0, 8);
  return some.length > 0 ? `; it has ${some.join(', ')}${known.length > some.length ? ', …' : ''}` : '';
}
