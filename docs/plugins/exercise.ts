/**
 * `::: exercise Title`, the question, `::: answer`, the answer behind a fold, `:::`. Answers' programs, ```` ```ts answer ````, are run by
 * a test, which compares what they print with the ```` ```expect ```` under them.
 */
import type MarkdownIt from 'markdown-it';
import type { StateBlock } from 'markdown-it';
import { OURS } from './honest';
import { at, Mistake, type PageEnv } from './mistake';

export function exercises(md: MarkdownIt): void {
  md.block.ruler.before(
    'fence',
    'exercise',
    (state, start, end, silent) => {
      const title = /^::: *exercise(?:\s+(.*))?$/.exec(lineAt(state, start))?.[1];
      if (title === undefined && !/^::: *exercise\s*$/.test(lineAt(state, start))) return false;
      if (silent) return true;
      const parts = at(state.env as PageEnv, start, () => partsOf(state, start, end, title));
      state.line = parts?.close === undefined ? end : parts.close + 1;
      if (!parts) return true;
      const { answer, close } = parts;
      const html = (content: string, line: number) => {
        const token = state.push('html_block', '', 0);
        token.content = content;
        token.meta = OURS;
        token.map = [line, line + 1];
      };
      const open = state.push('exercise_open', 'div', 1);
      open.attrSet('class', 'exercise');
      open.block = true;
      open.map = [start, close];
      const heading = state.push('paragraph_open', 'p', 1);
      heading.attrSet('class', 'exercise-title');
      const text = state.push('inline', '', 0);
      text.content = title ?? '';
      text.children = [];
      text.map = [start, start + 1];
      state.push('paragraph_close', 'p', -1);
      within(state, start + 1, answer);
      html('<details class="answer">\n<summary>Answer</summary>\n', answer);
      within(state, answer + 1, close);
      html('</details>\n', close);
      const shut = state.push('exercise_close', 'div', -1);
      shut.block = true;
      state.line = close + 1;
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );
}

function lineAt(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
}

/** Where the answer begins and where all ends, past fences and boxes in between. */
function partsOf(
  state: StateBlock,
  start: number,
  end: number,
  title: string | undefined,
): { answer: number; close: number } {
  if (!title?.trim()) throw new Mistake('an exercise needs a title: ::: exercise The name of it');
  let answer: number | null = null;
  let fence: string | null = null;
  let depth = 0;
  for (let line = start + 1; line < end; line++) {
    const text = lineAt(state, line).trim();
    const mark = /^(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence !== null) {
      if (mark !== undefined && text === mark && mark.startsWith(fence)) fence = null;
    } else if (mark !== undefined) fence = mark;
    else if (/^::: *answer$/.test(text)) {
      if (answer !== null) throw new Mistake('an exercise has one answer, and this one has two');
      answer = line;
    } else if (/^::: *exercise\b/.test(text))
      throw new Mistake('an exercise begins in another: end the first with :::');
    else if (/^::: *\w/.test(text)) depth++;
    else if (text === ':::' && depth-- === 0) {
      if (answer === null) throw new Mistake('an exercise needs an answer: ::: answer');
      return { answer, close: line };
    }
  }
  throw new Mistake('the exercise does not end: write ::: under its answer');
}

function within(state: StateBlock, from: number, to: number): void {
  const { lineMax, parentType } = state;
  state.lineMax = to;
  state.md.block.tokenize(state, from, to);
  state.lineMax = lineMax;
  state.parentType = parentType;
}
