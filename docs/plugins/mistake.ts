/** What is wrong in a page: said in words where it is found, and given its place by the plugin that looks through the page. */
export class Mistake extends Error {
  override readonly name = 'Mistake';
}

/** What a page's environment says, in VitePress and in the tests; all of it may be missing. */
export interface PageEnv {
  /** The page's path from docs/, as `step31.md`. */
  readonly relativePath?: string;
  /** Files that the page takes its contents from: VitePress watches them. */
  readonly includes?: string[];
  /** If there, mistakes are collected here, and the page is woven to its end. */
  readonly mistakes?: string[];
  /** Lines above the text that markdown-it sees: the front matter. */
  linesAbove?: number;
}

/** Runs what may find a mistake; adds the page and the line to it. Null where it was collected. */
export function at<T>(env: PageEnv, line: number | null, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const place = `docs/${env.relativePath ?? 'page.md'}:${(line ?? 0) + 1 + (env.linesAbove ?? 0)}`;
    const said = `${place}: ${error.message}`;
    if (!env.mistakes) throw new Mistake(said);
    env.mistakes.push(said);
    return null;
  }
}
