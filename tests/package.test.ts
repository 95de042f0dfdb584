import { execFileSync, execSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.join(__dirname, '..');
const packageJson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
  exports: Record<string, unknown>;
  imports: Record<string, { browser: string; default: string }>;
  dependencies: Record<string, string>;
};
const { compilerOptions } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')) as {
  compilerOptions: { paths: Record<string, string[]> };
};
const entries = Object.keys(packageJson.exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => name.replace('.', 'dezero'));

let folder = '';

/** Packs the package and installs the tarball in an empty folder, with the versions of our own lockfile (from npm's cache where it has them). */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dezero-package-'));
  execSync(`npm pack --silent --pack-destination "${folder}"`, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const dezero = `file:dezero-${packageJson.version}.tgz`;
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true }>;
  };
  const needed = Object.entries(lock.packages).filter(([name, { dev }]) => name !== '' && !dev);
  const packages = {
    '': { dependencies: { dezero } },
    ...Object.fromEntries(needed),
    'node_modules/dezero': { version: packageJson.version, resolved: dezero, dependencies: packageJson.dependencies },
  };
  write('package.json', JSON.stringify({ private: true, dependencies: { dezero } }));
  write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }));
  execSync('npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --silent', { cwd: folder, stdio: 'inherit' });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}

/** What a program prints that stands in the folder; its warnings count too. */
function run(name: string, ...flags: string[]): string {
  const command = `"${process.execPath}" ${[...flags, name].join(' ')} 2>&1`;
  return execSync(command, { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }).trim();
}

const trainALine = `
  const x = variable([[0], [1], [2], [3]]);
  const t = variable([[1], [3], [5], [7]]);
  const W = variable([[0]]);
  const b = variable([0]);
  for (let i = 0; i < 300; i++) {
    const loss = F.meanSquaredError(F.linear(x, W, b), t);
    W.clearGrad();
    b.clearGrad();
    loss.backward();
    W.data = array(W.data.values[0] - 0.1 * W.grad.data.values[0], { shape: [1, 1] });
    b.data = array(b.data.values[0] - 0.1 * b.grad.data.values[0], { shape: [1] });
  }
  console.log(W.data.item().toFixed(4), b.data.item().toFixed(4));
`;

test('the installed package trains a line from a CommonJS program', () => {
  write(
    'line.cjs',
    `const { variable, array } = require('dezero');\nconst F = require('dezero/functions');${trainALine}`,
  );
  expect(run('line.cjs')).toBe('2.0000 1.0000');
});

test('the installed package trains the same line from an ES module', () => {
  write('line.mjs', `import { variable, array } from 'dezero';\nimport * as F from 'dezero/functions';${trainALine}`);
  expect(run('line.mjs')).toBe('2.0000 1.0000');
});

test('every entry of the installed package loads without a warning, for Node and with its browser twins', () => {
  write(
    'entries.cjs',
    `for (const name of ${JSON.stringify(entries)}) console.log(name, Object.keys(require(name)).length > 0);`,
  );
  const loaded = entries.map((name) => `${name} true`).join('\n');
  expect(run('entries.cjs')).toBe(loaded);
  expect(run('entries.cjs', '--conditions=browser')).toBe(loaded);
});

test('with its browser twins the installed package loads nothing that only Node has', () => {
  write(
    'browser.cjs',
    `const Module = require('node:module');
    const load = Module._load;
    Module._load = function (name, parent) {
      const ours = parent?.filename?.includes(${JSON.stringify(path.join('dezero', 'dist'))});
      if (ours && (Module.isBuiltin(name) || /^(sharp|commander|cli-progress)$/.test(name))) console.log(name, parent.filename);
      return load.apply(this, arguments);
    };
    for (const name of ${JSON.stringify(entries)}) require(name);`,
  );
  expect(run('browser.cjs', '--conditions=browser')).toBe('');
});

test('bundled for a browser it holds nothing that only Node has', async () => {
  const lines = entries.map((name, i) => `import * as part${i} from '${name}';\nconsole.log(part${i});`);
  write('page.mjs', lines.join('\n'));
  // Fails where a built-in or a missing package is asked for
  const { metafile, outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['page.mjs'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((at) => at.endsWith('dezero/dist/io/files.browser.js'))).toBe(true);
  expect(inputs.filter((at) => /dezero\/dist\/.*\.node\.js$/.test(at))).toEqual([]);
  expect(inputs.filter((at) => /node_modules\/(sharp|webgpu|koffi|commander|cli-progress|graphviz-cli)\//.test(at))).toEqual([]); // prettier-ignore
  const asked = Object.entries(metafile.inputs).flatMap(([at, { imports }]) =>
    imports
      .filter(({ external }) => external)
      .map(({ path: name }) => `${name} in ${at.replace(/^.*node_modules\//, '')}`),
  );
  // It tries that where there is no document, as in a worker, and does without
  expect(asked.filter((one) => one !== 'url in @zip.js/zip.js/index.cjs')).toEqual([]);
  expect(outputFiles[0]?.contents.length).toBeGreaterThan(500_000);
});

test('the installed types fit a strict TypeScript program', () => {
  write(
    'consumer.mts',
    `import { Variable, variable, memoryScope, type NDArray } from 'dezero';
    import * as F from 'dezero/functions';
    import * as L from 'dezero/layers';
    import { SGD } from 'dezero/optimizers';
    ${entries.map((name, i) => `import * as entry${i} from '${name}';`).join('\n')}
    using scope = memoryScope();
    const y: Variable = F.sum(new L.Linear(1).call(variable([[1], [2]])).mul(2));
    const data: NDArray = y.data;
    // @ts-expect-error: a rate is a number
    new SGD({ lr: 'fast' });
    export const all = [data, scope, ${entries.map((_, i) => `entry${i}`).join(', ')}];`,
  );
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const flags =
    '--noEmit --strict --module node16 --target es2022 --lib es2023,esnext.disposable,dom --types node --typeRoots';
  const typeRoots = path.join(root, 'node_modules/@types');
  execFileSync(process.execPath, [tsc, ...flags.split(' '), typeRoots, 'consumer.mts'], { cwd: folder, stdio: 'pipe' });
}, 60_000);

test('every #name has a source for Node and one for the browser, and tsconfig.json names the former', () => {
  for (const [name, { browser, default: node }] of Object.entries(packageJson.imports)) {
    const source = (file: string) => file.replace('./dist/', './dezero/').replace(/\.js$/, '.ts');
    expect(compilerOptions.paths[name], name).toEqual([source(node)]);
    expect([node, browser].map(source).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  }
  expect(Object.keys(compilerOptions.paths).filter((name) => name.startsWith('#'))).toEqual(
    Object.keys(packageJson.imports),
  );
});
