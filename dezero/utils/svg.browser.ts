import { DataError } from '../backends/errors';

/** The twin of svg.node.ts: the same, drawn on a canvas. @throws DataError if the text is no drawing. @since 28 */
export async function svgToPng(
  svg: string,
  { scale = 2, background }: { scale?: number; background?: string } = {},
): Promise<Uint8Array> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => {
      throw new DataError('svgToPng: this is no drawing');
    });
    const canvas = new OffscreenCanvas(Math.ceil(image.width * scale), Math.ceil(image.height * scale));
    const pen = canvas.getContext('2d');
    if (!pen) throw new DataError('this browser cannot draw on an OffscreenCanvas; use a current one');
    if (background) {
      pen.fillStyle = background;
      pen.fillRect(0, 0, canvas.width, canvas.height);
    }
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}
