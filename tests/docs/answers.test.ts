import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import ts from 'typescript';
import { writeAnswers } from '../../docs/site/answerFiles';
import { bookOf } from '../../docs/site/prepare';
import { pagesIn } from '../../docs/site/project';
import { weaver } from '../../docs/site/weave';
import { readSources } from '../../tools/sources';
import { Typechecker } from '../../tools/typecheck';
import { captured } from '../captured';

const root = process.cwd();
const answers = writeAnswers(root, weaver(bookOf(root)), pagesIn(root));

let program: ts.Program;
beforeAll(() => {
  const files = answers.map(({ file }) => file);
  program = new Typechecker(root).program(readSources(root), files);
});

/** What the compiler says against a module. */
function errorsIn(file: string): string[] {
  const source = program.getSourceFile(path.join(root, file));
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe.each(answers)('$page: $title', ({ page, file, program: text, expected, line }) => {
  test('the answer is sound TypeScript and does what the page says', async () => {
    const place = `docs/${page}.md:${line}`;
    expect(errorsIn(file), place).toEqual([]);
    const { main } = (await import(path.join(root, file))) as { main: () => Promise<void> };
    const lines = await captured(main);
    if (expected === null)
      expect(text, `${place}: without an expected output the program must assert something`).toMatch(/\bassert\b/); // prettier-ignore
    else expect(lines.join('\n').trimEnd(), place).toBe(expected);
  });
});

test('the pages written so far have answers that were run', () => {
  expect(answers.length).toBeGreaterThan(0);
});
