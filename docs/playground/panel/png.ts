/** Draws an SVG as PNG. */
import type { Wish } from '../protocol';

const MOST = 8192; // pixels of a side

/** @throws Error if the text is no drawing. */
export async function drawPng({ svg, scale, background }: Wish & { what: 'png' }): Promise<Uint8Array> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height].map((side) => Math.min(MOST, Math.ceil(side * scale))) as [number, number]; // prettier-ignore
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('this browser cannot draw');
    if (background) {
      pen.fillStyle = background;
      pen.fillRect(0, 0, canvas.width, canvas.height);
    }
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('this browser cannot write a PNG');
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}
