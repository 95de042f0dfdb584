import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SETTINGS = ['tsconfig.json', 'dezero/backends/tsconfig.json', 'package.json', 'vitest.config.mts'];

/** A project as small as can be, in a temporary folder, with this one's settings and packages. */
export class SmallProject {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'dezero-small-')));

  constructor(files: Readonly<Record<string, string>>) {
    for (const at of SETTINGS) this.write(at, readFileSync(at, 'utf8'));
    this.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/vitest': { version: '1.0.0' } } }));
    symlinkSync(realpathSync('node_modules'), path.join(this.root, 'node_modules'), 'junction');
    mkdirSync(path.join(this.root, 'tools/older'), { recursive: true });
    for (const [at, text] of Object.entries(files)) this.write(at, text);
  }

  write(at: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.root, at)), { recursive: true });
    writeFileSync(path.join(this.root, at), text);
  }

  read(at: string): string {
    return readFileSync(path.join(this.root, at), 'utf8');
  }

  /** Exchanges a piece of a file that is there. */
  change(at: string, from: string, to: string): void {
    const text = this.read(at);
    if (!text.includes(from)) throw new Error(`${at} has no ${from}`);
    this.write(at, text.replace(from, to));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
