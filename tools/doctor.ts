/** `npm run doctor`: what this machine has, and what to install for more. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import sharp from 'sharp';
import { DeviceError, hasDevice, setDevice } from '../dezero';
import { cpuFeatures } from '../dezero/backends/cpu/cpu';
import { WebGpuBackend } from '../dezero/backends/webgpu/webgpu';
import { cacheFolder } from '../dezero/io';
import { getBackend } from '../dezero/ndarray';
import { renderDot } from '../dezero/utils/graphviz.node';

/** One thing that was looked for: what was found, or what is missing; and what to do for more, or for what it would be good. */
export interface Finding {
  readonly name: string;
  readonly fine: boolean;
  readonly found: string;
  readonly advice?: string;
}

/** A table of findings, as it is printed. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .flatMap(({ name, fine, found, advice }) => [
      `${fine ? '✓' : '–'} ${name.padEnd(width)}  ${found}`,
      ...(advice ? [`${' '.repeat(width + 4)}${advice}`] : []),
    ])
    .join('\n');
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  const found = `${process.version} on ${process.platform} ${process.arch}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
  return { name: 'Node', fine, found, ...(!fine && { advice: 'needed: 20.19 or newer, of the odd 22s 22.12' }) };
}

/** How the processor is used. */
export function processor({ kernels, threads, shared, memory, blas }: ReturnType<typeof cpuFeatures>): Finding[] {
  const size = `${(memory / 2 ** 30).toFixed(1)} GiB reserved${shared ? ', shared by the threads' : ''}`;
  return [
    kernels
      ? { name: 'kernels', fine: true, found: `WebAssembly with ${kernels === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}, ${size}` }
      : { name: 'kernels', fine: false, found: 'none: all is computed in plain loops', advice: 'is DEZERO_BACKEND=reference set, or is this engine without WebAssembly?' },
    { name: 'threads', fine: threads > 1, found: String(threads), ...(threads === 1 && { advice: 'DEZERO_THREADS=n or setThreads(n) uses more, where the processor has them' }) },
    blas
      ? { name: 'BLAS', fine: true, found: `${blas}: matrix products and convolutions go through it` }
      : { name: 'BLAS', fine: false, found: 'none; the kernels do without', advice: 'for products some times faster: apt-get install libopenblas0 (Debian), brew install openblas (macOS), and npm install koffi' },
  ]; // prettier-ignore
}

async function gpu(): Promise<Finding> {
  try {
    await setDevice('gpu');
    const backend = getBackend('gpu');
    if (!(backend instanceof WebGpuBackend)) throw new DeviceError('this gpu is not opened through WebGPU');
    const { description, software } = backend.info;
    const mixed = backend.hasMixedPrecision ? ', also with --mixed' : '; no 16-bit floats for --mixed';
    const found = `${description}, through WebGPU: --device gpu${mixed}`;
    if (!software) return { name: 'gpu', fine: true, found };
    return { name: 'gpu', fine: false, found, advice: 'it is made of software: it shows that results are right, not how quick a real one is' }; // prettier-ignore
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name: 'gpu', fine: await hasDevice('gpu'), found: reason };
  } finally {
    await setDevice('cpu');
  }
}

async function works(name: string, run: () => Promise<string>, advice: string): Promise<Finding> {
  try {
    return { name, fine: true, found: await run() };
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { name, fine: false, found: reason, advice };
  }
}

async function pictures(): Promise<string> {
  const text = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text y="15">ant</text></svg>';
  const { channels } = await sharp(Buffer.from(text)).stats();
  if ((channels[3]?.max ?? 0) === 0) throw new Error('sharp draws no letters: this system has no fonts');
  return `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
}

async function graphs(): Promise<string> {
  const svg = await renderDot('digraph { x -> y }');
  if (!svg.includes('<svg')) throw new Error('graphviz-cli drew nothing');
  return 'graphviz-cli draws graphs';
}

function cache(): Finding {
  const folder = cacheFolder();
  const name = 'cache';
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    return { name, fine: false, found: `${folder} cannot be written`, advice: 'name another folder in DEZERO_CACHE' };
  }
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return { name, fine: true, found: `${folder}: ${files.length > 0 ? files.join(', ') : 'empty; npm start fetches photos and weights'}` }; // prettier-ignore
}

async function main(): Promise<void> {
  const findings = [
    node(),
    ...processor(cpuFeatures()),
    await gpu(),
    await works('pictures', pictures, 'npm ci installs sharp for this system; fonts: apt-get install fontconfig fonts-dejavu-core'), // prettier-ignore
    await works('graphs', graphs, 'npm ci installs graphviz-cli'),
    cache(),
  ];
  console.log(report(findings));
}

if (require.main === module) void main();
