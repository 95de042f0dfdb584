import { DataError } from '../backends/errors';
import { captionLines, sheetLayout, type SheetCell, type SheetOptions } from './sheet';

// The browser's twin of sheet.node.ts: the same sheet, drawn on a canvas.

/** Photos in a grid, each with its caption below, as the bytes of a PNG file. Defaults: 4 columns, 200 pixels. @since 41 */
export async function imageSheet(cells: readonly SheetCell[], options: SheetOptions = {}): Promise<Uint8Array> {
  const layout = sheetLayout(cells, options);
  const canvas = new OffscreenCanvas(layout.width, layout.height);
  const pen = canvas.getContext('2d');
  if (!pen) throw new DataError('this browser cannot draw on an OffscreenCanvas; use a current one');
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, layout.width, layout.height);
  pen.fillStyle = '#222';
  for (const [i, cell] of cells.entries()) {
    const { width, height, data } = cell.picture;
    const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let p = 0; p < width * height; p++) rgba.set(data.subarray(p * 3, p * 3 + 3), p * 4);
    const place = layout.photo(i);
    const bitmap = await createImageBitmap(new ImageData(rgba, width, height));
    pen.drawImage(bitmap, place.left, place.top, place.width, place.height);
    bitmap.close();
    captionLines(cell, layout.size).forEach((line, row) => {
      const { x, y } = layout.line(i, row);
      pen.font = `${row === 0 ? 'bold ' : ''}${layout.fontSize}px sans-serif`;
      pen.fillText(line, x, y);
    });
  }
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}
