import { writeFileSafely } from '#files';
import { svgToPng } from '#svg';
import { ValueError } from '../ndarray';

/** Of lines and words that lie on the page itself: at least 4 : 1 against white and against a dark page (#1b1b1f). @since 28 */
export const INK = '#777d86';

/**
 * Writes what `draw` gives, SVG text, as an SVG (without background) or a PNG (white, two pixels for each unit) by the file's ending, and
 * makes its folder; returns the path. Nothing is drawn for another ending. `operation` is for the message.
 * @throws ValueError for another ending than .svg or .png; DataError if the file cannot be written.
 * @since 28
 */
export async function writeDrawing(operation: string, to: string, draw: () => Promise<string>): Promise<string> {
  const ending = /\.(svg|png)$/i.exec(to)?.[1]?.toLowerCase();
  if (!ending) throw new ValueError(`${operation}: '${to}' says no kind of picture; let it end in .svg or .png`);
  const svg = await draw();
  await writeFileSafely(to, ending === 'svg' ? new TextEncoder().encode(svg) : await svgToPng(svg, { background: 'white' })); // prettier-ignore
  return to;
}
