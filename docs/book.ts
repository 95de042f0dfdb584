/**
 * The book: `npm run docs` shows it while one writes, `npm run docs:build` builds it into docs/.vitepress/dist, and `npm run docs:check -- 31`
 * looks for mistakes in a page, in seconds.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { nameOfStep, addStep } from '../tools/stepNumbers';
import { runSteps } from '../tools/steps';
import { bundlePlayground } from './playground/bundle';
import { crawl, HEAVIEST } from './site/crawl';
import { loadDrawings } from './site/drawings';
import { writeHero } from './site/hero';
import { bookOf, prepareCode } from './site/prepare';
import { pagesIn } from './site/project';
import { writeReference } from './site/reference';
import { drawStrip, isStripCurrent, LOOKS, stripFile, STRIP_STEPS, type Look } from './site/strip';
import { included, isAwaited, mistakesIn, weaver } from './site/weave';

const root = path.dirname(__dirname);

/** Weaves pages, all or those of some steps, and prints what is wrong. True if nothing is. */
async function check(steps: readonly number[], show = false): Promise<boolean> {
  const began = performance.now();
  const book = bookOf(root, { lenient: steps.length > 0 });
  const wanted = steps.map((step) => `${nameOfStep(step)}.md`);
  const pages = pagesIn(root).filter((page) => wanted.length === 0 || wanted.includes(page));
  for (const page of wanted.filter((one) => !pages.includes(one))) console.log(`docs/${page} is not yet written`);
  await prepareCode(book, pages);
  writeReference(book);
  writeHero(root);
  const md = weaver(book, loadDrawings(root));
  if (show) for (const page of pages) console.log(included(book, md, page));
  const mistakes = pages.flatMap((page) => mistakesIn(book, md, page));
  const waiting = mistakes.flatMap((mistake) => /npm run steps -- (\d+)$/.exec(mistake)?.[1] ?? []);
  for (const mistake of mistakes) if (!mistake.includes('npm run steps --')) console.log(mistake);
  if (waiting.length > 0) console.log(`have not run as they now stand: npm run steps -- ${[...new Set(waiting)].join(' ')}`); // prettier-ignore
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${pages.length} page${pages.length === 1 ? '' : 's'}, ${mistakes.length || 'no'} mistake${mistakes.length === 1 ? '' : 's'}, ${seconds} s`); // prettier-ignore
  return mistakes.length === 0 && pages.length >= wanted.length;
}

/** Runs what steps have changed, checks all pages, builds the site, and looks whether all its links lead somewhere. */
async function build(): Promise<boolean> {
  const tell = (line: string) => line.endsWith('in the store') || console.log(line);
  const ran = await runSteps({ root, only: [], again: false }, tell);
  await bundlePlayground(root, console.log);
  if (!(await check([])) || !ran || !(await vitepress('build', 'docs'))) return false;
  const book = bookOf(root);
  const { dead, weights } = crawl(path.join(root, 'docs/.vitepress/dist'), process.env['DOCS_BASE'] ?? '/', (page) => isAwaited(book, page)); // prettier-ignore
  const isCurrent = await isStripCurrent(book);
  if (!isCurrent) console.log("the README's pictures are not what the steps draw: npm run docs:strip");
  for (const link of dead) console.log(`leads nowhere: ${link}`);
  const lessons = [...weights].filter(([page]) => /^step\d\d\.html$/.test(page)).sort(([, a], [, b]) => b - a);
  const heavy = lessons.filter(([, bytes]) => bytes > HEAVIEST);
  for (const [page, bytes] of heavy) console.log(`${page} weighs ${kilobytes(bytes)}, over ${kilobytes(HEAVIEST)}`);
  const [heaviest] = lessons;
  console.log(`${weights.size} pages, ${dead.length || 'no'} dead links${heaviest ? `; the heaviest lesson, ${heaviest[0]}, weighs ${kilobytes(heaviest[1])}` : ''}`); // prettier-ignore
  return dead.length === 0 && heavy.length === 0 && isCurrent;
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;

/** Draws the README's pictures from what the steps draw. */
async function strip(): Promise<boolean> {
  const ran = await runSteps({ root, only: STRIP_STEPS, again: false });
  const drawn = await drawStrip(bookOf(root));
  for (const look of Object.keys(LOOKS) as Look[]) writeFileSync(path.join(root, stripFile(look)), drawn[look]);
  return ran;
}

/** Runs VitePress with TypeScript at hand, for the plugins. */
function vitepress(...args: readonly string[]): Promise<boolean> {
  const bin = path.join(root, 'node_modules/vitepress/bin/vitepress.js');
  const child = spawn(process.execPath, ['--require', 'ts-node/register', bin, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  process.once('SIGINT', () => child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  });
}

async function main(): Promise<void> {
  const program = new Command('book').description('Shows, builds and checks the book.');
  const end = (well: boolean) => void (process.exitCode = well ? 0 : 1);
  program.command('live', { isDefault: true }).description('show it while one writes').option('--port <port>', 'where', '5173').action(
    async ({ port }: { port: string }) => {
      const book = bookOf(root);
      await prepareCode(book);
      writeReference(book);
      writeHero(root);
      await bundlePlayground(root);
      process.env['DOCS_LENIENT'] = 'yes';
      end(await vitepress('dev', 'docs', '--port', port));
    },
  ); // prettier-ignore
  program.command('build').description('build it').action(async () => end(await build())); // prettier-ignore
  program.command('strip').description("draw the README's pictures").action(async () => end(await strip())); // prettier-ignore
  program.command('check').description('look for mistakes').argument('[steps...]', 'numbers of steps; all pages if none is given', addStep).option('--run', 'run first what has changed of these steps', false).option('--show', 'print what is included', false).action(
    async (steps: number[] = [], { run, show }: { run: boolean; show: boolean }) => {
      const ran = !run || (await runSteps({ root, only: steps, again: false }));
      end((await check(steps, show)) && ran);
    },
  ); // prettier-ignore
  await program.parseAsync();
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
