/** How large a picture is shown: said in the page, so that nothing jumps when it arrives. */
import { readFileSync } from 'node:fs';

const WIDEST = 880; // a PNG made for sharp screens has two pixels for each that is shown

export function sizeOf(file: string): { width: number; height: number } {
  if (file.endsWith('.png')) {
    const head = new DataView(new Uint8Array(readFileSync(file)).buffer);
    const [width, height] = [head.getUint32(16), head.getUint32(20)];
    const scale = width > WIDEST ? 2 : 1;
    return { width: Math.round(width / scale), height: Math.round(height / scale) };
  }
  const head = readFileSync(file, 'utf8').slice(0, 1000);
  const [, , , wide = '0', high = '0'] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(head) ?? [];
  const [width = wide, height = high] = ['width', 'height'].map((side) => new RegExp(`<svg[^>]* ${side}="([\\d.]+)(?:px|pt)?"`).exec(head)?.[1]); // prettier-ignore
  return { width: Math.round(Number(width)), height: Math.round(Number(height)) };
}
