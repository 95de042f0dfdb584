/**
 * What the steps print and draw, kept in .cache/steps by all that a run depends on: the step's own text, what it reaches of the package,
 * the packages it stands on, the data. What is kept is never out of date: if one of these changes, it is not found.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { findRegistered, keyOf, reach } from './reach';
import { readSources, type Sources } from './sources';
import { nameOfStep, stepsIn } from './stepNumbers';
import { Typechecker } from './typecheck';
import type ts from 'typescript';

/** What a run of a step gave. */
export interface Stored {
  /** All that it printed. */
  readonly output: string;
  /** Its pictures: paths of files in the store, which keep the names they have in out/stepNN. */
  readonly pictures: readonly string[];
  readonly seconds: number;
}

/** What the step prints and draws as it now stands, if that has been kept; `npm run steps` keeps it. */
export function stored(step: number, root = path.dirname(__dirname)): Stored | null {
  const key = new Keys(root).all().get(nameOfStep(step));
  return key === undefined ? null : new Store(root).find(nameOfStep(step), key);
}

/** The folder .cache/steps. */
export class Store {
  private readonly folder: string;

  constructor(root: string) {
    this.folder = path.join(root, '.cache/steps');
  }

  find(name: string, key: string): Stored | null {
    const at = path.join(this.folder, name, key);
    const record = path.join(at, 'run.json');
    if (!existsSync(record)) return null;
    const { output, pictures, seconds } = JSON.parse(readFileSync(record, 'utf8')) as Stored;
    return { output, pictures: pictures.map((picture) => path.join(at, picture)), seconds };
  }

  /** The key of a step's last run, which may be out of date; null if there is none. */
  newest(name: string): string | null {
    return this.runsOf(name)[0] ?? null;
  }

  /** Keeps a run, its pictures copied from `drawn`; of the runs of one step, the three newest. */
  keep(name: string, key: string, { output, seconds }: Omit<Stored, 'pictures'>, drawn: string): void {
    const at = path.join(this.folder, name, key);
    const beside = `${at}.${process.pid}`;
    mkdirSync(beside, { recursive: true });
    const pictures = existsSync(drawn) ? readdirSync(drawn).sort() : [];
    for (const picture of pictures) cpSync(path.join(drawn, picture), path.join(beside, picture), { recursive: true });
    writeFileSync(path.join(beside, 'run.json'), JSON.stringify({ output, pictures, seconds }));
    rmSync(at, { recursive: true, force: true });
    renameSync(beside, at);
    for (const one of this.runsOf(name).slice(3))
      rmSync(path.join(this.folder, name, one), { recursive: true, force: true });
  }

  /** The keys of a step's runs, the newest first. */
  private runsOf(name: string): string[] {
    const folder = path.join(this.folder, name);
    if (!existsSync(folder)) return [];
    const age = (one: string) => statSync(path.join(folder, one)).mtimeMs;
    return readdirSync(folder).sort((a, b) => age(b) - age(a));
  }

  /** Whatever is kept about a check that has passed. */
  passed(key: string): unknown {
    const at = path.join(this.folder, 'passed', `${key}.json`);
    return existsSync(at) ? (JSON.parse(readFileSync(at, 'utf8')) as unknown) : null;
  }

  pass(key: string, about: unknown): void {
    const at = path.join(this.folder, 'passed', `${key}.json`);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(`${at}.${process.pid}`, JSON.stringify(about));
    renameSync(`${at}.${process.pid}`, at);
  }
}

/** One hash for some texts. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}\0`).update(text);
  return hash.digest('hex').slice(0, 24);
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dependencies?: Readonly<Record<string, string>> }>>; // prettier-ignore
}

/** Says of each file that runs what its run depends on, as a hash. */
export class Keys {
  private readonly lock: string;
  private readonly packages: Lock['packages'];
  private readonly sources: Sources;
  private assets: string | null = null;

  constructor(private readonly root: string) {
    this.lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
    this.packages = (JSON.parse(this.lock) as Lock).packages;
    this.sources = readSources(root);
  }

  /** The key of each step, by its name; worked out anew only where a text has changed. */
  all(): ReadonlyMap<string, string> {
    const files = stepsIn(path.join(this.root, 'steps')).map((step) => `steps/${nameOfStep(step)}.ts`);
    const texts = files.map((file) => readFileSync(path.join(this.root, file), 'utf8'));
    const whole = hashOf(
      process.version,
      this.lock,
      this.assetsHash(),
      ...[...this.sources].flat(),
      ...files,
      ...texts,
    );
    const memory = path.join(this.root, '.cache/steps/keys.json');
    if (existsSync(memory)) {
      const known = JSON.parse(readFileSync(memory, 'utf8')) as { whole: string; keys: [string, string][] };
      if (known.whole === whole) return new Map(known.keys);
    }
    const program = new Typechecker(this.root).program(this.sources, files);
    const keys = new Map([...this.of(program, files)].map(([file, key]) => [path.basename(file, '.ts'), key]));
    mkdirSync(path.dirname(memory), { recursive: true });
    writeFileSync(memory, JSON.stringify({ whole, keys: [...keys] }));
    return keys;
  }

  /** The keys of some files, paths from the root, in a program: the whole package's or a cut's. */
  of(program: ts.Program, files: readonly string[]): ReadonlyMap<string, string> {
    const registered = findRegistered(program);
    const key = (file: string) =>
      keyOf(reach(program, path.join(this.root, file), registered), (name) => this.versionOf(name), this.assetsHash());
    return new Map(files.map((file) => [file, key(file)]));
  }

  /** A package with its version, and those of what it depends on. */
  private versionOf(name: string): string {
    const found = new Map<string, string>();
    const visit = (one: string): void => {
      const entry = this.packages[`node_modules/${one}`];
      if (found.has(one)) return;
      found.set(one, entry?.version ?? '');
      Object.keys(entry?.dependencies ?? {}).forEach(visit);
    };
    visit(name);
    return [...found].sort().join(' ');
  }

  /** The files of the package that are no code: digits, weights. */
  private assetsHash(): string {
    if (this.assets !== null) return this.assets;
    const folder = path.join(this.root, 'dezero');
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    const files = all.filter((at) => !/\.(ts|json)$/.test(at) && statSync(path.join(folder, at)).isFile());
    return (this.assets = hashOf(...files.flatMap((at) => [at, readFileSync(path.join(folder, at), 'latin1')])));
  }
}
