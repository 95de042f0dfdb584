/** The picture on the first page, written where the theme finds it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { draw } from '../drawings/hero';

export function writeHero(root: string): void {
  const folder = path.join(root, '.cache/docs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'hero.svg'), draw());
}
