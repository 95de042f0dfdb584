/**
 * Makes what the playground loads when it is opened: docs/public/playground, from this folder, the package, the steps and TypeScript.
 * `npx ts-node docs/playground/bundle.ts` makes it; it stays as it is while nothing of that has changed.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { Drawn, encodePng } from '../../dezero/data/index';
import { nameOfStep, stepsIn } from '../../tools/stepNumbers';
import { hashOf } from '../../tools/store';
import { Formatted } from '../site/formatted';
import { readPaths, typesOf } from './types';

/** Files of the package that its code reads: fetched by the page, for the program. */
const ASSETS = [
  'data/digits/digits.gz',
  'models/pretrained/squeezenetSmall.safetensors',
  'models/pretrained/squeezenetSmall.pth',
];

/** Makes the playground's files, if they are not there or something has changed. Returns their folder. */
export async function bundlePlayground(root: string, log: (line: string) => void = () => undefined): Promise<string> {
  const to = path.join(root, 'docs/public/playground');
  const key = keyOf(root);
  const mark = path.join(to, 'key.txt');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return to;
  const beside = path.join(root, `.cache/playground.${process.pid}`);
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  try {
    await writeScripts(root, beside);
    await writeSteps(root, beside);
    writeFileSync(path.join(beside, 'types.json'), keptTypes(root));
    for (const asset of ASSETS) cpSync(path.join(root, 'dezero', asset), path.join(beside, 'assets', asset));
    cpSync(path.join(__dirname, 'antsOrBees/network.safetensors'), path.join(beside, 'assets/network.safetensors'));
    await writeExamples(path.join(beside, 'assets/examples'));
    writeFileSync(path.join(beside, 'key.txt'), key);
    rmSync(to, { recursive: true, force: true });
    mkdirSync(path.dirname(to), { recursive: true });
    renameSync(beside, to);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  for (const file of readdirSync(to).sort().filter((one) => /\.(js|json)$/.test(one))) {
    const bytes = readFileSync(path.join(to, file));
    log(`${file.padEnd(20)} ${(bytes.length / 1000).toFixed(0).padStart(6)} KB, packed ${(gzipSync(bytes).length / 1000).toFixed(0).padStart(5)} KB`); // prettier-ignore
  }
  return to;
} // prettier-ignore

/** A hash of all that the files are made from. */
function keyOf(root: string, folders = ['dezero', 'steps', 'docs/playground']): string {
  const filesOf = (folder: string): string[] =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((at) => path.join(folder, at));
  const isSource = (file: string) =>
    !/\/assembly\/|node_modules/.test(file) && statSync(path.join(root, file)).isFile();
  const files = folders.flatMap(filesOf).filter(isSource).sort();
  const all = [...files, 'docs/playground/types.ts', 'docs/site/formatted.ts', 'package-lock.json', 'tsconfig.json'];
  return hashOf(...all.flatMap((file) => [file, readFileSync(path.join(root, file), 'latin1')]));
}

async function writeScripts(root: string, to: string): Promise<void> {
  const own = path.join(root, 'docs/playground');
  const common = {
    absWorkingDir: root,
    outdir: to,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'eof',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfigRaw: { compilerOptions: { target: 'ES2022', useDefineForClassFields: false } },
  } satisfies BuildOptions;
  const script = (name: string, options: BuildOptions = {}) =>
    build({ ...common, entryPoints: { [name]: `docs/playground/scripts/${name}.ts` }, globalName: `playground.${name}`, ...options }); // prettier-ignore
  await build({ ...common, entryPoints: { panel: 'docs/playground/panel/main.ts', antsOrBees: 'docs/playground/antsOrBees/page.ts', train: 'docs/playground/train/page.ts' }, format: 'esm', loader: { '.css': 'text' } }); // prettier-ignore
  await build({ ...common, entryPoints: { compiler: 'docs/playground/compiler/main.ts' } });
  // Names of functions and classes are printed, and stand in graphs.
  await build({ ...common, entryPoints: { program: 'docs/playground/program/main.ts' }, keepNames: true });
  await script('dezero', { keepNames: true, plugins: [twins(root), lazily(own)] });
  await script('vega');
  await script('vegaLite');
  await script('mathjs');
  const inject = [path.join(own, 'scripts/vizPort.ts')];
  await script('graphviz', { inject, loader: { '.wasm': 'binary' }, plugins: [wasmBesides(root)] });
  // Beside the digits, which it asks for by their address in the package
  await build({ ...common, entryPoints: { 'assets/trainer': 'docs/playground/train/worker.ts' }, plugins: [twins(root, 'browser'), lazily(own)] }); // prettier-ignore
  await build({ ...common, entryPoints: { judge: 'docs/playground/antsOrBees/judge.ts' }, keepNames: true, plugins: [twins(root, 'browser'), lazily(own)] }); // prettier-ignore
}

/** Leads names like `#files` to the playground's twin, else to the browser's, else to the file that all share. */
function twins(root: string, kind: 'playground' | 'browser' = 'playground'): Plugin {
  const own: Readonly<Record<string, string>> = {
    '#files': 'docs/playground/program/files.ts',
    '#assets': 'docs/playground/program/assets.ts',
    '#cli': 'docs/playground/program/cli.ts',
    '#image': 'docs/playground/program/image.ts',
    '#svg': 'docs/playground/program/svg.ts',
    '#graphviz': 'dezero/utils/graphviz.node.ts',
  };
  const paths = readPaths(root);
  return {
    name: 'twins',
    setup: (build) => {
      build.onResolve({ filter: /^#/ }, ({ path: name }) => {
        const twin = (paths[name] ?? '').replace('.node.ts', '.browser.ts');
        const inBrowser = existsSync(path.join(root, twin)) ? twin : (paths[name] ?? '');
        return { path: path.join(root, (kind === 'playground' ? own[name] : undefined) ?? inBrowser) };
      });
    },
  };
}

/** In the package's script: large libraries are fetched when they are asked for, and the line to the page is the program's own. */
function lazily(own: string): Plugin {
  const shared = ['page', 'store'];
  return {
    name: 'lazily',
    setup: (build) => {
      build.onResolve({ filter: /^(vega|graphviz-cli)$/ }, ({ path: name }) => ({ path: name, namespace: 'stand-in' }));
      build.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path: name }) => ({
        contents: `module.exports = playground.standIn('${name}')`,
      }));
      build.onLoad(
        { filter: new RegExp(`^${path.join(own, 'program')}/(${shared.join('|')})\\.ts$`) },
        ({ path: file }) => ({
          contents: `module.exports = playground.shared.${path.basename(file, '.ts')}`,
        }),
      );
    },
  };
}

/** Finds the one file of Graphviz's package that its `exports` names without an ending. */
function wasmBesides(root: string): Plugin {
  const file = path.join(root, 'node_modules/@aduh95/viz.js/dist/render.wasm');
  return {
    name: 'wasm',
    setup: (build) => build.onResolve({ filter: /viz\.js\/wasm$/ }, () => ({ path: file })),
  };
}

/** The steps' texts, set as the pages set them. */
async function writeSteps(root: string, to: string): Promise<void> {
  const folder = path.join(root, 'steps');
  const formatted = new Formatted(root);
  const texts = stepsIn(folder).map((step) => [nameOfStep(step), readFileSync(path.join(folder, `${nameOfStep(step)}.ts`), 'utf8')] as const); // prettier-ignore
  await formatted.prepare(texts.map(([, text]) => text));
  mkdirSync(path.join(to, 'steps'));
  for (const [name, text] of texts) writeFileSync(path.join(to, 'steps', `${name}.txt`), formatted.of(text));
}

/** Drawings for the page "ants or bees?": none that its network was trained on, or judged by. */
async function writeExamples(to: string): Promise<void> {
  const drawn = await Drawn.open({ split: 'val', perClass: 3, seed: 53 });
  mkdirSync(to);
  for (let i = 0; i < drawn.length; i++) writeFileSync(path.join(to, `${i}.png`), await encodePng(await (await drawn.photo(i)).picture())); // prettier-ignore
}

/** The types, which take the longest, are kept for as long as they are as they are. */
function keptTypes(root: string): string {
  const folder = path.join(root, '.cache/playground');
  const file = path.join(folder, `types-${keyOf(root, ['dezero', 'docs/playground/types'])}.json`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const text = JSON.stringify(typesOf(root));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return text;
}

if (require.main === module) {
  bundlePlayground(path.join(__dirname, '../..'), console.log).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
