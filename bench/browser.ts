import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { chromium, type Browser, type Page as Tab } from 'playwright';
import type { Settings } from './child';
import { compare, Unavailable, type Result, type Way, type Work } from './compare';
import { cnn, stepOperations } from './networks';
import type { Page } from './pages/page';
import { wanted, type Bench, type Family } from './ways';

declare const page: Page; // of a tab

const PAGES: Readonly<Record<string, string>> = { ours: 'ours.ts', tfjs: 'tfjs.mjs', 'jax-js': 'jax.mjs' };
const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan']; // which Chromium leaves alone under Linux

const root = path.join(__dirname, '..');

/** Leads names like `#files` to the browser's twin. */
const twins: Plugin = {
  name: 'twins',
  setup(build) {
    const text = readFileSync(path.join(root, 'package.json'), 'utf8');
    const { imports } = JSON.parse(text) as { imports: Readonly<Record<string, { readonly browser: string }>> };
    build.onResolve({ filter: /^#/ }, ({ path: name }) => {
      const built = imports[name]?.browser ?? '';
      return { path: path.join(root, built.replace('./dist/', 'dezero/').replace(/js$/, 'ts')) };
    });
  },
};

/** A page's script, with all that it imports. */
async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(__dirname, 'pages', file)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    tsconfig: path.join(root, 'tsconfig.json'),
    plugins: [twins],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** Chromium with a tab for each way. */
class Tabs {
  /** What each says it is. */
  readonly described: Record<string, string> = {};
  readonly #tabs = new Map<string, Promise<Tab>>();

  constructor(
    private readonly browser: Browser,
    private readonly limitMs: number,
  ) {}

  /** A task as a way; a tab has one task at a time. */
  way(name: string, task: string, settings: Settings): Way {
    let prepared: Promise<void> | undefined;
    return {
      name,
      time: async (calls) => {
        const tab = await this.#tab(name);
        await (prepared ??= this.#within(tab.evaluate(([task, settings]) => page.prepare(task, settings), [task, settings] as const))); // prettier-ignore
        return this.#within(tab.evaluate((calls) => page.run(calls), calls));
      },
    };
  }

  #tab(name: string): Promise<Tab> {
    const known = this.#tabs.get(name);
    if (known) return known;
    const opening = this.#open(name);
    this.#tabs.set(name, opening);
    return opening;
  }

  async #open(name: string): Promise<Tab> {
    const file = PAGES[name] ?? '';
    if (file.endsWith('.mjs') && !existsSync(path.join(__dirname, 'node_modules'))) throw new Unavailable('not installed: npm ci --prefix bench'); // prettier-ignore
    const [tab, script] = [await this.browser.newPage(), await bundle(file)];
    // Only a page from a place that counts as safe may use a gpu; nothing is fetched from it.
    await tab.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' })); // prettier-ignore
    await tab.goto('http://localhost/');
    await tab.addScriptTag({ content: script });
    this.described[name] = await this.#within(tab.evaluate(() => page.open()));
    return tab;
  }

  /** Closes all, with what they hold of the gpu. */
  async close(): Promise<void> {
    for (const opening of this.#tabs.values()) await opening.then((tab) => tab.close()).catch(() => undefined);
  }

  /** The same promise, refused as Unavailable if it fails or takes too long. */
  async #within<Value>(promise: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`stopped after ${this.limitMs / 1000} s`)), this.limitMs);
    });
    try {
      return await Promise.race([promise, late]);
    } catch (error) {
      throw new Unavailable(`failed: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function* run(bench: Bench): AsyncGenerator<Result[]> {
  const { options, pace, children } = bench;
  const { quick, limit, device } = options;
  const size = quick ? 64 : 512;
  const batch = quick ? 2 : 64;
  const rows: readonly [title: string, task: string, settings: Settings, work: Work][] = [
    [`product ${size}³`, 'matmul', { n: size }, { amount: 2 * size ** 3, kind: 'operations' }],
    [`CNN 28×28 32-64-128-10, batch ${batch}`, 'training', { batch }, { amount: stepOperations(cnn, batch), kind: 'operations' }],
  ]; // prettier-ignore
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...(device === 'gpu' ? HARDWARE : SOFTWARE)],
  });
  try {
    for (const [title, task, settings, work] of rows) {
      if (!wanted(title, bench)) continue;
      const tabs = new Tabs(browser, 1000 * limit);
      const ways = Object.keys(PAGES).map((name) => tabs.way(name, task, settings));
      yield await compare({ title, ways, ours: ['ours'], work }, pace);
      Object.assign(children.described, tabs.described);
      await tabs.close();
    }
  } finally {
    await browser.close();
  }
}

/** WebGPU in Chromium: ours beside others that use it. */
export const browser: Family = {
  about:
    'WebGPU in Chromium on its gpu made of software, or on yours with --device gpu; a step is forward, backward, update (SGD)',
  ours: () => ['ours'],
  run,
};
