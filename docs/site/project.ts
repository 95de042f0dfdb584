/** The book's facts, from this project: steps, the package as it grew, and what the steps printed and drew when they last ran. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { readFirstLine } from '../../tools/chain';
import { cut } from '../../tools/cut';
import { gainedBy } from '../../tools/gained';
import { readAliases, readOlder, readSources, type Sources } from '../../tools/sources';
import { BIRTH, nameOfStep, stepsIn } from '../../tools/stepNumbers';
import { hashOf, Keys, Store, type Stored } from '../../tools/store';
import type { Book, Picture } from '../plugins/book';
import { hint } from '../plugins/code';
import { Mistake } from '../plugins/mistake';
import { Api, type ApiName } from './api';
import { sizeOf } from './pictureSize';
import type { Formatted } from './formatted';

const HEAVY = 60_000; // bytes of a PNG

/** A PNG as a WebP, at once: weaving does not wait, and sharp does, so it works in a process of its own. */
function toWebp(from: string, to: string): void {
  const program = `require('sharp')(process.argv[1]).webp({ quality: 82, effort: 6 }).toFile(process.argv[2])`;
  execFileSync(process.execPath, ['-e', program, from, to], { stdio: 'inherit' });
}

const FRESH = 2000; // milliseconds for which the project is taken to be as it was

export class ProjectBook implements Book {
  private readonly cuts = new Map<string, Sources>();
  private state: { at: number; sources: Sources; hash: string; api: Api; runs: Map<number, Stored | null> } | null =
    null;
  private keys: ReadonlyMap<string, string> | null = null;

  /** With `lenient`, a step's last run is taken even if something has changed since: to look at a page that is being written. */
  constructor(
    readonly root: string,
    private readonly formatted: Formatted,
    private readonly lenient: boolean,
  ) {}

  get steps(): number[] {
    return stepsIn(path.join(this.root, 'steps'));
  }

  step(step: number): string {
    return this.formatted.of(this.rawStep(step));
  }

  titleOf(step: number): string {
    const found = /^ \* Step \d\d · (.*?)\.?$/m.exec(this.rawStep(step));
    if (!found) throw new Mistake(`${nameOfStep(step)}.ts has no title, "Step ${step} · …", in its docstring`);
    return found[1] ?? '';
  }

  basesOf(step: number): readonly number[] {
    return readFirstLine(this.rawStep(step))?.bases.map((base) => Number(base.slice(-2))) ?? [];
  }

  packageFile(step: number, at: string): string | null {
    const text = this.package(step).get(at);
    return text === undefined ? null : this.formatted.of(text);
  }

  packageFiles(step: number): readonly string[] {
    return [...this.package(step).keys()];
  }

  gained(from: number, to: number): readonly ApiName[] {
    const offers = gainedBy(this.package(to), this.package(from));
    return offers.flatMap(({ name, kind, at }): readonly ApiName[] => {
      const found = this.find(name)
        .concat(this.find(`nd.${name}`))
        .filter((one) => one.at === at || kind === 'member');
      return found.slice(0, 1);
    });
  }

  output(step: number): string {
    return this.run(step).output;
  }

  /** The file of a picture that a step drew when it last ran. */
  pictureFile(step: number, name: string): string {
    const { pictures } = this.run(step);
    const fits = (file: string) => path.basename(file) === name || path.parse(file).name === name;
    const found = pictures
      .filter(fits)
      .filter((file) => /\.(svg|png)$/.test(file))
      .sort()
      .reverse()[0]; // an SVG before a PNG
    if (!found)
      throw new Mistake(
        `step ${step} drew no ${name}${hint(
          name,
          pictures.map((file) => path.basename(file)),
        )}`,
      );
    return found;
  }

  picture(step: number, name: string): Picture {
    const found = this.pictureFile(step, name);
    // Sheets of photos and the like, ten times as light.
    const heavy = found.endsWith('.png') && statSync(found).size > HEAVY;
    const url = `/figures/${nameOfStep(step)}/${heavy ? `${path.parse(found).name}.webp` : path.basename(found)}`;
    const to = path.join(this.root, 'docs/public', url);
    if (!existsSync(to) || statSync(to).mtimeMs < statSync(found).mtimeMs) {
      mkdirSync(path.dirname(to), { recursive: true });
      if (heavy) toWebp(found, to);
      else writeFileSync(to, readFileSync(found));
    }
    return { url, ...sizeOf(found) };
  }

  find(name: string): readonly ApiName[] {
    return this.now().api.find(name);
  }

  get names(): readonly ApiName[] {
    return this.now().api.names;
  }

  hasPage(page: string): boolean {
    return existsSync(path.join(this.root, 'docs', page));
  }

  /** The package after a step: cut once for each state of its sources, and kept. */
  package(step: number): Sources {
    if (step < BIRTH) return new Map();
    const { sources, hash } = this.now();
    const key = `${step}-${hash}`;
    const known = this.cuts.get(key) ?? this.keptCut(key);
    const made = known ?? cut(sources, step, { older: readOlder(this.root), aliases: readAliases(this.root) });
    if (!known) this.keepCut(step, key, made);
    this.cuts.set(key, made);
    return made;
  }

  private get cutFolder(): string {
    return path.join(this.root, '.cache/docs/cuts');
  }

  private keptCut(key: string): Sources | null {
    const file = path.join(this.cutFolder, `${key}.json`);
    return existsSync(file) ? new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]) : null;
  }

  /** Keeps a cut in place of the step's former one. */
  private keepCut(step: number, key: string, sources: Sources): void {
    mkdirSync(this.cutFolder, { recursive: true });
    for (const file of readdirSync(this.cutFolder)) if (file.startsWith(`${step}-`)) rmSync(path.join(this.cutFolder, file), { force: true }); // prettier-ignore
    const file = path.join(this.cutFolder, `${key}.json`);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify([...sources]));
    renameSync(`${file}.${process.pid}`, file);
  }

  /** The text of a step as it stands in its file. */
  rawStep(step: number): string {
    const file = path.join(this.root, 'steps', `${nameOfStep(step)}.ts`);
    if (!existsSync(file)) throw new Mistake(`there is no step ${step}`);
    return readFileSync(file, 'utf8');
  }

  private run(step: number): Stored {
    const { runs } = this.now();
    this.rawStep(step);
    if (!runs.has(step)) {
      const store = new Store(this.root);
      if (!this.lenient) this.keys ??= new Keys(this.root).all();
      const key = this.lenient ? store.newest(nameOfStep(step)) : this.keys?.get(nameOfStep(step));
      runs.set(step, store.find(nameOfStep(step), key ?? ''));
    }
    const run = runs.get(step);
    if (!run) throw new Mistake(`step ${step} has not run as it now stands: npm run steps -- ${step}`);
    return run;
  }

  private now(): NonNullable<typeof this.state> {
    if (this.state && Date.now() - this.state.at < FRESH) return this.state;
    const sources = readSources(this.root);
    const steps = this.steps.map((step) => this.rawStep(step));
    const older = readOlder(this.root).flatMap(({ until, path: at, text }) => [String(until), at, text]);
    const hash = hashOf(...[...sources].flat(), ...older, ...steps);
    if (this.state?.hash !== hash) {
      this.keys = null;
      this.state = { at: 0, sources, hash, api: new Api(sources, readAliases(this.root)), runs: new Map() };
    }
    this.state.at = Date.now();
    return this.state;
  }
}

/** The pages that are written, by their path from docs/. */
export function pagesIn(root: string): string[] {
  const docs = path.join(root, 'docs');
  const all = readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((at) => at.split(path.sep).join('/'));
  const isPage = (at: string) => at.endsWith('.md') && !/^(\.vitepress|public|reference)\//.test(at);
  return all.filter((at) => isPage(at) && statSync(path.join(docs, at)).isFile()).sort();
}
