/** The programs in the answers to exercises, for the test that runs them. */
import type MarkdownIt from 'markdown-it';

export interface Answer {
  /** The exercise's title. */
  readonly title: string;
  readonly program: string;
  /** What it prints; null if the page does not say. */
  readonly expected: string | null;
  /** The line of the page on which the program begins. */
  readonly line: number;
}

/** Every ```` ```ts answer ```` of a page, with the ```` ```expect ```` under it. */
export function answersIn(md: MarkdownIt, page: string): Answer[] {
  const answers: Answer[] = [];
  let title = '';
  const tokens = md.parse(page, { mistakes: [] });
  tokens.forEach((token, i) => {
    if (token.type === 'exercise_open') title = tokens[i + 2]?.content ?? '';
    if (token.type !== 'fence' || token.meta !== ANSWER) return;
    const next = tokens[i + 1];
    const expected = next?.type === 'fence' && next.meta === EXPECT ? next.content.trimEnd() : null;
    answers.push({ title, program: token.content, expected, line: (token.map?.[0] ?? 0) + 2 });
  });
  return answers;
}

const ANSWER = 'answer';
const EXPECT = 'expect';

/** Has these fences shown as what they are, TypeScript and output. */
export function answers(md: MarkdownIt): void {
  md.core.ruler.after('block', 'answers', (state) => {
    for (const token of state.tokens) {
      if (token.type !== 'fence') continue;
      if (token.info.trim() === 'ts answer') Object.assign(token, { info: 'ts', meta: ANSWER });
      if (token.info.trim() === 'expect') Object.assign(token, { info: 'text', meta: EXPECT });
    }
  });
}
