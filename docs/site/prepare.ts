/** What has to be there before pages are woven: code set for a page, the reference, the map. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Formatted } from './formatted';
import { pagesIn, ProjectBook } from './project';

/** The book of this project. */
export function bookOf(root: string, { lenient = false } = {}): ProjectBook {
  return new ProjectBook(root, new Formatted(root), lenient);
}

/** Formats the code that some pages include. */
export async function prepareCode(book: ProjectBook, pages: readonly string[] = pagesIn(book.root)): Promise<void> {
  const texts = pages.flatMap((page) => includedIn(book, readFileSync(path.join(book.root, 'docs', page), 'utf8')));
  await new Formatted(book.root).prepare(texts);
}

function includedIn(book: ProjectBook, page: string): string[] {
  const texts: string[] = [];
  const put = (text: string | null | undefined) => text && texts.push(text);
  for (const [, kind, number = '', file] of page.matchAll(/^```(step|changes|dezero) (\d\d?)(?: ([\w./-]+\.ts))?/gm)) {
    const step = Number(number);
    if (file) [step, ...(kind === 'changes' ? [step - 1] : [])].forEach((one) => put(book.package(one).get(file)));
    else if (book.steps.includes(step)) {
      put(book.rawStep(step));
      for (const base of kind === 'changes' ? book.basesOf(step) : []) put(book.rawStep(base));
    }
  }
  return texts;
}
