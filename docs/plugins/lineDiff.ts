/** What a text has become, line by line. */

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** The shortest way from one list of lines to another, by the longest common subsequence. */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  // common[i][j]: how many lines before[i…] and after[j…] can share
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const shared = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = common[i] ?? [];
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? shared(i + 1, j + 1) + 1 : Math.max(shared(i + 1, j), shared(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && old === now) {
      lines.push({ kind: 'same', text: old });
      i++;
      j++;
    } else if (old !== undefined && (now === undefined || shared(i + 1, j) >= shared(i, j + 1))) {
      lines.push({ kind: 'gone', text: old });
      i++;
    } else {
      lines.push({ kind: 'new', text: now ?? '' });
      j++;
    }
  }
  return lines;
}

/** The lines with the marks that the highlighter turns into red and green; an empty line gets none. */
export function marked(lines: readonly DiffLine[]): string {
  const marks = { same: '', gone: ' // [!code --]', new: ' // [!code ++]' };
  return lines
    .filter(({ kind, text }) => kind !== 'gone' || text.trim())
    .map(({ kind, text }) => (text.trim() ? text + marks[kind] : text))
    .join('\n');
}
