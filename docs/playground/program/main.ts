/** Runs a program in a worker, and tells the page what it prints, draws and comes to. */
import { formatWithOptions, inspect } from 'node-inspect-extracted';
import * as page from './page';
import { Buffer, process, setBase, standIn, unmeasured } from './standIns';
import * as store from './store';
import { Loader, type Evaluate } from './system';
import { idle, watchTimers } from './timers';
import type { FromProgram, Hello, Modules } from '../protocol';

// For the scripts that are fetched later (docs/playground/bundle.ts leads their imports here).
Object.assign(globalThis, { playground: { shared: { page, store }, standIn } });

type Print = (...values: unknown[]) => void;

function printer(from: 'out' | 'error'): Print {
  return (...values) => {
    const text = `${indent}${formatWithOptions({}, ...values).replaceAll('\n', `\n${indent}`)}`;
    for (const line of text.split('\n')) page.show({ kind: 'line', text: unmeasured(line), from });
  };
}

let indent = '';

/** The console, as Node's prints. */
function replaceConsole(): void {
  const [out, error] = [printer('out'), printer('error')];
  const group = (...values: unknown[]) => {
    if (values.length > 0) out(...values);
    indent += '  ';
  };
  const groupEnd = () => void (indent = indent.slice(2));
  const dir = (value: unknown, options?: object) => out(inspect(value, { customInspect: false, ...options }));
  const assert = (holds: unknown, ...values: unknown[]) => holds || error('Assertion failed', ...values);
  const began = new Map<string, number>();
  const time = (label = 'default') => void began.set(label, performance.now());
  const timeEnd = (label = 'default') =>
    out(`${label}: ${(performance.now() - (began.get(label) ?? NaN)).toFixed(3)}ms`);
  Object.assign(console, { log: out, info: out, debug: out, warn: error, error, trace: error, group, groupEnd, dir, assert, time, timeEnd, table: tabled(out) }); // prettier-ignore
}

/** console.table, for rows that are objects or arrays. */
function tabled(out: Print): Print {
  return (data) => {
    if (typeof data !== 'object' || data === null) return out(data);
    const rows = Object.entries(data).map(([key, row]) => [key, Object(row) === row ? Object.entries(row as object) : [['Values', row]]] as const); // prettier-ignore
    const columns = [...new Set(rows.flatMap(([, cells]) => cells.map(([name]) => String(name))))];
    const shown = rows.map(([key, cells]) => {
      const byName = new Map(cells.map(([name, value]) => [String(name), inspect(value, { depth: 0, compact: 3 })]));
      return [key, ...columns.map((name) => byName.get(name) ?? '')];
    });
    const table = [['(index)', ...columns], ...shown];
    const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)) + 2) ?? [];
    const bar = (left: string, between: string, right: string) => left + widths.map((width) => '─'.repeat(width)).join(between) + right; // prettier-ignore
    const lines = table.map((row) => `│${row.map((cell, i) => ` ${cell}`.padEnd(widths[i] ?? 0)).join('│')}│`);
    out([bar('┌', '┬', '┐'), lines[0], bar('├', '┼', '┤'), ...lines.slice(1), bar('└', '┴', '┘')].join('\n'));
  };
}

/** Takes away what leads out of the worker. The true wall is the frame around it; where it uses the gpu, this keeps it from the page's own stores. */
function closeDoors(): void {
  const refuse = () => Promise.reject(new TypeError('a program in the playground fetches nothing'));
  const doors = ['XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'WebTransport', 'EventSource', 'BroadcastChannel', 'Worker', 'importScripts', 'indexedDB', 'caches']; // prettier-ignore
  for (const name of doors) Object.defineProperty(globalThis, name, { value: undefined });
  Object.defineProperty(globalThis, 'fetch', { value: refuse });
}

function fail(error: unknown): void {
  const isError = error instanceof Error;
  const message = isError ? `${error.name}: ${error.message}` : `Uncaught ${inspect(error)}`;
  page.say({ kind: 'failed', message, stack: (isError && error.stack) || '' } satisfies FromProgram);
}

async function run(modules: Modules, entry: string): Promise<void> {
  const waits: Promise<unknown>[] = [];
  const main = { wait: (value: unknown) => void waits.push(Promise.resolve(value)) };
  const require = Object.assign((name: string) => standIn(name), { main });
  const evaluate: Evaluate = (name, register) => {
    // All on one line with the first of the module, so that lines are counted alike.
    const source = `(function (System, require, module, process, Buffer) {${modules[name]}\n})\n//# sourceURL=${name}.js`;
    const body = (0, eval)(source) as (...values: unknown[]) => void;
    body({ register }, require, name === entry ? main : {}, process, Buffer);
  };
  const loader = new Loader((name) => Object.hasOwn(modules, name), evaluate, standIn);
  page.say({ kind: 'running' });
  await loader.load(entry);
  await Promise.all(waits); // `void main()`: a promise that nobody waits for
  await idle();
}

globalThis.addEventListener('message', ({ data, ports: [port] }: MessageEvent<Hello>) => {
  if (!port) return;
  setBase(data.base);
  page.connect(port, ({ modules, entry }) => {
    replaceConsole();
    watchTimers();
    closeDoors();
    run(modules, entry).then(() => page.say({ kind: 'ended' }), fail);
  });
}, { once: true }); // prettier-ignore
globalThis.addEventListener('unhandledrejection', ({ reason }) => fail(reason));
globalThis.addEventListener('error', (event: ErrorEvent) => {
  event.preventDefault();
  const error: unknown = event.error ?? new Error(event.message);
  fail(error);
});
