/** Code as narrow as a page: formatted anew, its comments filled anew, and kept by content, since the formatter cannot be waited for while a page is woven. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig, type Options } from 'prettier';
import { hashOf } from '../../tools/store';
import { withoutSince } from '../plugins/code';

export const WIDTH = 78;
const VERSION = `4 ${WIDTH}`; // of how a text is set: another, and all are set anew

export class Formatted {
  private readonly folder: string;
  private options: Options | null = null;

  constructor(private readonly root: string) {
    this.folder = path.join(root, '.cache/docs/formatted');
  }

  /** The text, set for a page; as it is where `prepare` has not seen it. */
  of(text: string): string {
    const file = this.fileOf(text);
    return existsSync(file) ? readFileSync(file, 'utf8') : text;
  }

  /** Formats what is not yet kept. */
  async prepare(texts: Iterable<string>): Promise<void> {
    for (const text of new Set(texts)) {
      const file = this.fileOf(text);
      if (existsSync(file)) continue;
      this.options ??= { ...(await resolveConfig(path.join(this.root, 'steps/step01.ts'))), parser: 'typescript', printWidth: WIDTH }; // prettier-ignore
      const formatted = lifted(
        await format(narrow(withoutSince(text).replace(/ *\/\/ prettier-ignore$/gm, '')), this.options),
      );
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(file, formatted);
    }
  }

  private fileOf(text: string): string {
    return path.join(this.folder, `${hashOf(VERSION, text)}.ts`);
  }
}

/** Fills docstrings, and comments on lines of their own, to the page's width. */
export function narrow(text: string): string {
  return text
    .replace(/^( *)\/\*\*((?:(?!\*\/).)*)\*\/$/gms, (all, indent: string, words: string) =>
      docstring(all, indent, words),
    )
    .replace(/^( *)\/\/ (.*)\n(?:\1\/\/ .*\n)*/gm, (all, indent: string) => comment(all, indent));
}

/** A comment behind a line that is too long for both goes above it. */
export function lifted(text: string): string {
  return text.replace(/^( *)(\S.*?[;,{)\]]) \/\/ (.*)$/gm, (all, indent: string, code: string, words: string) => {
    const isString = ["'", '"', '`'].some((quote) => code.split(quote).length % 2 === 0);
    return all.length <= WIDTH || isString ? all : `${narrow(`${indent}// ${words}\n`)}${indent}${code}`;
  });
}

function docstring(all: string, indent: string, words: string): string {
  const paragraphs = words.trim().replace(/^ *\* ?/gm, '').split(/\n(?=\n|@|- )/); // prettier-ignore
  const lines = paragraphs.flatMap((one) => (one.startsWith('\n') ? [''] : []).concat(fill(one.trim(), WIDTH - indent.length - 3))); // prettier-ignore
  const [only = ''] = lines;
  if (lines.length === 1 && indent.length + only.length + 7 <= WIDTH) return `${indent}/** ${only} */`;
  if (all.split('\n').every((line) => line.length <= WIDTH)) return all;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */`;
}

function comment(all: string, indent: string): string {
  const lines = all.trimEnd().split('\n');
  if (lines.every((line) => line.length <= WIDTH) || /^ *\/\/ (#|eslint|builds on)/.test(all)) return all;
  const words = lines.map((line) => line.trim().slice(3)).join(' ');
  return `${fill(words, WIDTH - indent.length - 3).map((line) => `${indent}// ${line}`).join('\n')}\n`; // prettier-ignore
}

function fill(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
