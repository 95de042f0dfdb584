/** Makes modules of the programs in answers: imports on top, the rest a function, so that a test can run it and read what it prints. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type MarkdownIt from 'markdown-it';
import ts from 'typescript';
import { parse } from '../../tools/syntax';
import { answersIn, type Answer } from '../plugins/answers';

export interface AnswerFile extends Answer {
  /** The page, as `step31`. */
  readonly page: string;
  /** Where the module was written, from the project's root. */
  readonly file: string;
}

const FOLDER = '.cache/docs/answers';

/** Writes a module for each program of some pages. */
export function writeAnswers(root: string, md: MarkdownIt, pages: readonly string[]): AnswerFile[] {
  mkdirSync(path.join(root, FOLDER), { recursive: true });
  return pages.flatMap((page) =>
    answersIn(md, readFileSync(path.join(root, 'docs', page), 'utf8')).map((answer, i) => {
      const name = path.basename(page, '.md');
      const file = `${FOLDER}/${name}-${i + 1}.ts`;
      writeFileSync(path.join(root, file), moduleOf(answer.program));
      return { ...answer, page: name, file };
    }),
  );
}

/** A program as a module with a `main`. Its relative imports are those of a file in docs/. */
export function moduleOf(program: string): string {
  const source = parse('answer.ts', program);
  const imports = source.statements.filter((one) => ts.isImportDeclaration(one));
  const end = imports.at(-1)?.end ?? 0;
  const head = program.slice(0, end).replace(/(from\s+['"])\.\.\//g, '$1../../../');
  return `${head}\nexport async function main(): Promise<void> {${program.slice(end).trimEnd()}\n}\n`;
}
