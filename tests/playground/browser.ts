/** A page in headless Chromium, with the playground's files beside it. */
import { readFileSync, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright';
import type * as Panel from '../../docs/playground/panel/main';
import { bundlePlayground } from '../../docs/playground/bundle';

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.json': 'application/json', '.txt': 'text/plain' }; // prettier-ignore
const PAGE = `<!doctype html><html lang="en"><title>A page</title><main id="host"><p>The page lives.</p></main>
  <script type="module">globalThis.panel = await import('/playground/panel.js')</script></html>`;

export const root = path.join(__dirname, '../..');

/** Debian's Chromium, or the one that this variable names. */
export const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export interface Opened {
  readonly browser: Browser;
  readonly page: Page;
  readonly url: string;
  /** What pages have sent to the address /told. */
  readonly told: string[];
  /** Addresses that have been asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Makes the playground's files where need be, serves them, and opens a page. */
export async function openPage(): Promise<Opened> {
  const folder = await bundlePlayground(root);
  const told: string[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? '/', 'http://localhost').pathname;
    asked.push(at);
    if (at === '/told') {
      let text = '';
      request.on('data', (part) => (text += String(part)));
      request.on('end', () => void told.push(text));
      return void response.end();
    }
    const file = path.join(folder, at.replace('/playground/', ''));
    if (!at.startsWith('/playground/')) return void response.setHeader('content-type', 'text/html').end(PAGE);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
  });
  const url = await listen(server);
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  });
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'panel' in globalThis);
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { browser, page, url, told, asked, close };
}

/** Starts a server at a free port; its address. */
export function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, 'localhost', () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(`http://localhost:${address.port}/`);
    });
  });
}

/** What a program has come to, and printed. */
export interface Ran {
  readonly lines: string[];
  readonly files: string[];
  readonly outcome: {
    readonly kind: string;
    readonly why?: string;
    readonly message?: string;
    readonly stack?: string;
  };
}

/** Compiles and runs a program in the page, as its Run button does. */
export function runIn(page: Page, base: string, { name, text, limit = 120, gpu }: { name: string; text?: string; limit?: number; gpu?: boolean }): Promise<Ran> {
  return page.evaluate(
    async ({ base, name, text, limit, gpu }) => {
      const scope = globalThis as unknown as { panel: typeof Panel; compiler?: InstanceType<typeof Panel.Compiler> };
      const { Compiler, Run } = scope.panel;
      const program = text ?? (await (await fetch(`${base}steps/${name}.txt`)).text());
      scope.compiler ??= new Compiler(base);
      const { modules, broken } = await scope.compiler.ask({ kind: 'compile', name, text: program });
      if (broken.length > 0) throw new Error(broken.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
      const lines: string[] = [];
      const files: string[] = [];
      const run = new Run({
        base,
        modules,
        entry: name,
        limit,
        gpu: gpu === true && 'gpu' in navigator,
        onEvents: (events) => {
          for (const event of events) {
            if (event.kind === 'file') files.push(event.name);
            else if (event.from !== 'note') lines.push(event.text);
          }
        },
      });
      return { outcome: await run.outcome, lines, files };
    },
    { base, name, text, limit, gpu },
  );
} // prettier-ignore
