import { captionLines, sheetLayout, type SheetCell, type SheetOptions } from './sheet';

/**
 * Photos in a grid, each with its caption below, as the bytes of a PNG file. Defaults: 4 columns, 200 pixels.
 * @example
 * const png = await imageSheet([
 *   { picture: toPicture(ones([8, 8])), caption: ['white'] },
 * ]);
 * String.fromCharCode(...png.slice(1, 4)); // → PNG
 * @since 41
 */
export async function imageSheet(cells: readonly SheetCell[], options: SheetOptions = {}): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const layout = sheetLayout(cells, options);
  const photos = cells.map(async ({ picture: { width, height, data } }, i) => {
    const { left, top, width: w, height: h } = layout.photo(i);
    const input = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(w, h, { fit: 'fill' })
      .png()
      .toBuffer();
    return { input, left, top };
  });
  const text = cells.flatMap((cell, i) =>
    captionLines(cell, layout.size).map((line, row) => {
      const { x, y } = layout.line(i, row);
      return `<text x="${x}" y="${y}"${row === 0 ? ' font-weight="bold"' : ''}>${escape(line)}</text>`;
    }),
  );
  const { width, height } = layout;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="${layout.fontSize}" fill="#222">${text.join('')}</svg>`;
  const overlays = [...(await Promise.all(photos)), { input: Buffer.from(svg), left: 0, top: 0 }];
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite(overlays)
    .png()
    .toBuffer();
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
