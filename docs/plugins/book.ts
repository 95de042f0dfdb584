/** What the plugins ask about the project. The tests give them a small one. */
import type { ApiName } from '../site/api';

export interface Book {
  /** The steps that are written. */
  readonly steps: readonly number[];
  /** The text of steps/stepNN.ts, set for a page. */
  step(step: number): string;
  /** What its docstring calls it, without the number. */
  titleOf(step: number): string;
  /** The steps that it is built from; none before it, or from the package. */
  basesOf(step: number): readonly number[];
  /** The text of a file of the package as it stood after a step, set for a page; null if there was none. */
  packageFile(step: number, at: string): string | null;
  /** Paths of the package's files after a step. */
  packageFiles(step: number): readonly string[];
  /** What the package offers after `to` and did not after `from`. */
  gained(from: number, to: number): readonly ApiName[];
  /** What a step printed when it last ran. */
  output(step: number): string;
  /** A picture that it drew then. */
  picture(step: number, name: string): Picture;
  /** All public names of the package. */
  readonly names: readonly ApiName[];
  /** Those that a text can mean. */
  find(name: string): readonly ApiName[];
  /** True if there is a page with this path from docs/. */
  hasPage(page: string): boolean;
}

/** A picture as the site shows it. */
export interface Picture {
  /** Its address in the site. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}
