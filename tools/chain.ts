/**
 * Steps 1 to 27 each repeat their base letter by letter, save what the first line lists: `// builds on step06, changes: Variable.creator, square`.
 * This finds what differs in truth.
 */
import ts from 'typescript';
import { namesOf, parse, rangeOf } from './syntax';

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

/** The text of each declaration of a file, comments included: functions, classes and types by name, members as `Class.member`. */
export function declarationsOf(text: string): Map<string, string> {
  const source = parse('step.ts', text);
  const all = new Map<string, string>();
  const put = (name: string, from: number, to: number) => {
    const own = source.text.slice(from, to).trim();
    all.set(name, [all.get(name), own].filter(Boolean).join('\n')); // overloads, a getter and its setter: one name
  };
  for (const statement of source.statements) {
    const [from, to] = rangeOf(statement);
    const name = namesOf(statement).join(', ');
    if (name === '' || name === 'main') continue;
    if (!ts.isClassDeclaration(statement)) {
      put(name, from, to);
      continue;
    }
    put(name, from, statement.members.pos); // its docstring, and what it extends
    for (const member of statement.members) {
      const own = ts.isConstructorDeclaration(member) ? 'constructor' : namesOf(member).join();
      put(`${name}.${own}`, ...rangeOf(member));
    }
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
