/**
 * Steps 1 to 27 each repeat their base letter by letter, save what the first line lists: `// builds on step06, changes: Variable.creator, square`.
 * This finds what differs in truth.
 */
import ts from 'typescript';
import { applyEdits, namesOf, parse, rangeOf, type Edit } from './syntax';

/** What a step's first line says. */
export interface FirstLine {
  readonly bases: readonly string[];
  readonly changes: readonly string[];
}

/** Reads a step's first line; null if it is not of the form. */
export function readFirstLine(text: string): FirstLine | null {
  const [line = ''] = text.split('\n', 1);
  const found = /^\/\/ builds on (nothing|step\d\d(?: and step\d\d)*)(?:, changes: (.+))?$/.exec(line);
  if (!found) return null;
  const [, bases = '', changes] = found;
  return { bases: bases === 'nothing' ? [] : bases.split(' and '), changes: changes?.split(', ') ?? [] };
}

/**
 * Where the declarations of a file stand, all but imports and `main`: functions and types by name, what surrounds a class's members by
 * that of the class, the members as `Class.member`. A name may come twice.
 */
function* placesOf(source: ts.SourceFile): Generator<[name: string, from: number, to: number]> {
  for (const statement of source.statements) {
    const [from, to] = rangeOf(statement);
    const name = namesOf(statement).join(', ');
    if (name === '' || name === 'main') continue;
    if (!ts.isClassDeclaration(statement)) {
      yield [name, from, to];
      continue;
    }
    yield [name, from, statement.members.pos]; // its docstring, and what it extends
    yield [name, source.text.slice(0, statement.end - 1).trimEnd().length, to]; // its last brace
    for (const member of statement.members) {
      const own = ts.isConstructorDeclaration(member) ? 'constructor' : namesOf(member).join();
      yield [`${name}.${own}`, ...rangeOf(member)];
    }
  }
}

/** The text of each declaration of a file, comments included: functions, classes and types by name, members as `Class.member`. */
export function declarationsOf(text: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, from, to] of placesOf(parse('step.ts', text))) {
    const own = text.slice(from, to).trim();
    all.set(name, [all.get(name), own].filter(Boolean).join('\n')); // overloads, a getter and its setter: one name
  }
  return all;
}

/** The names whose text differs between a file and what it builds on; of a class that is new or gone the class alone. */
export function differences(text: string, bases: readonly string[]): Set<string> {
  const now = declarationsOf(text);
  const before = bases.map(declarationsOf);
  const names = new Set([now, ...before].flatMap((one) => [...one.keys()]));
  const isThere = (name: string) => [now.has(name), before.some((one) => one.has(name))];
  return new Set(
    [...names].filter((name) => {
      const [owner = '', member] = name.split(/\.(.*)/s);
      if (member !== undefined && isThere(owner).includes(false)) return false;
      return isThere(name).includes(false) || !before.some((one) => one.get(name) === now.get(name));
    }),
  );
}

/** How many lines of a step are its own: what no base has letter by letter, the introduction, imports and `main`. */
export function ownLines(text: string, bases: readonly string[]): number {
  const now = declarationsOf(text);
  const before = bases.map(declarationsOf);
  const repeated = [...placesOf(parse('step.ts', text))].filter(([name]) =>
    before.some((one) => one.get(name) === now.get(name)),
  );
  const own = applyEdits(
    text,
    repeated.map(([, from, to]): Edit => [from, to, '']),
  );
  return own.trim().split('\n').length;
}

/** What is wrong with the list of a step's first line, in words; nothing if it is right. */
export function complaints(text: string, bases: readonly string[]): string[] {
  const listed = readFirstLine(text)?.changes ?? [];
  const differ = differences(text, bases);
  const unlisted = [...differ].filter((name) => !listed.includes(name));
  const same = listed.filter((name) => !differ.has(name));
  const twice = listed.filter((name, i) => listed.indexOf(name) !== i);
  return [
    ...unlisted.map((name) => `${name} differs and is not listed`),
    ...same.map((name) => `${name} is listed and does not differ`),
    ...twice.map((name) => `${name} is listed twice`),
  ];
}
