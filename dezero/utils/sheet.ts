import { ValueError } from '../backends/errors';

/** A picture (red, green, blue of each pixel, row by row) and the lines below it, the first one bold. @since 41 */
export interface SheetCell {
  readonly picture: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  readonly caption: readonly string[];
}

/** @since 41 */
export interface SheetOptions {
  /** Pictures in a row; default 4. @since 41 */
  readonly columns?: number;
  /** The longer side of a picture in pixels; default 200. @since 41 */
  readonly size?: number;
}

const gap = 12;
const fontSize = 13;
const lineHeight = 17;

/** Where everything on a sheet goes. @since 41 */
export interface SheetLayout {
  readonly width: number;
  readonly height: number;
  readonly size: number;
  readonly fontSize: number;
  photo(cell: number): { left: number; top: number; width: number; height: number };
  line(cell: number, row: number): { x: number; y: number };
}

/** Places the cells of a sheet, row by row. @throws ValueError if there is nothing to show. @since 41 */
export function sheetLayout(cells: readonly SheetCell[], { columns = 4, size = 200 }: SheetOptions = {}): SheetLayout {
  if (cells.length === 0) throw new ValueError('imageSheet: there are no pictures to show');
  if (!(columns >= 1 && size >= 1))
    throw new ValueError(`imageSheet: columns and size must be from 1 on, not ${columns}, ${size}`);
  const across = Math.min(columns, cells.length);
  const lines = Math.max(...cells.map(({ caption }) => caption.length));
  const cellHeight = size + 4 + lines * lineHeight + gap;
  const corner = (i: number) => ({
    left: gap + (i % across) * (size + gap),
    top: gap + Math.floor(i / across) * cellHeight,
  });
  return {
    width: gap + across * (size + gap),
    height: gap + Math.ceil(cells.length / across) * cellHeight,
    size,
    fontSize,
    photo: (i) => {
      const { left, top } = corner(i);
      const { width, height } = cells[i]?.picture ?? { width: 1, height: 1 };
      const scale = size / Math.max(width, height);
      const fit = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
      // in the middle, standing on its caption
      return { left: left + Math.floor((size - fit.width) / 2), top: top + size - fit.height, ...fit };
    },
    line: (i, row) => ({ x: corner(i).left, y: corner(i).top + size + 4 + (row + 1) * lineHeight - 4 }),
  };
}

/** The lines below a picture, cut to its width. @since 41 */
export function captionLines({ caption }: SheetCell, size: number): string[] {
  const room = Math.max(4, Math.floor(size / (fontSize * 0.56)));
  return caption.map((line) => (line.length > room ? `${line.slice(0, room - 1)}…` : line));
}
