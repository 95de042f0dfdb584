/**
 * A run of a program: in a worker, inside a frame that may reach nothing but the playground's own scripts. The frame is walled off, so a
 * browser gives it a process of its own, and a program that uses up its memory takes that along, not the page. Only where the program may
 * use a gpu, which a browser gives to no worker of a foreign origin, the frame is of the page's own: it still reaches nothing over the network.
 */
import type { Event, FromProgram, Modules, ToProgram, Wish } from '../protocol';
import { drawPng } from './png';

export type Outcome =
  | { readonly kind: 'ended'; readonly seconds: number }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string };

export interface RunOptions {
  /** The address of the playground's files. */
  readonly base: string;
  readonly modules: Modules;
  readonly entry: string;
  /** Whether the program may find the gpu; default no. */
  readonly gpu?: boolean;
  /** Seconds after which a program is stopped; default 60. */
  readonly limit?: number;
  readonly onEvents: (events: readonly Event[]) => void;
  readonly onRunning?: () => void;
}

const PING = 1000; // milliseconds
const PATIENCE = 6000; // a frame that says nothing for so long is gone

export class Run {
  readonly outcome: Promise<Outcome>;
  private end: (outcome: Outcome) => void = () => undefined;
  private readonly undo: (() => void)[] = [];
  private began = performance.now();
  private isOver = false;

  constructor(private readonly options: RunOptions) {
    this.outcome = new Promise((resolve) => (this.end = resolve));
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<FromProgram>) => this.hear(data, port1);
    this.undo.push(() => port1.close());
    const { modules, entry, gpu = false, base } = options;
    void this.openFrame(base, port2, gpu);
    port1.postMessage({ kind: 'start', modules, entry } satisfies ToProgram);
  }

  /** Stops the program wherever it is. */
  stop(why = 'stopped'): void {
    this.finish({ kind: 'stopped', why });
  }

  private finish(outcome: Outcome): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const f of this.undo) f();
    this.end(outcome);
  }

  private hear(message: FromProgram, port: MessagePort): void {
    if (this.isOver) return;
    switch (message.kind) {
      case 'running':
        return this.startClock();
      case 'events':
        return this.options.onEvents(message.events);
      case 'ask':
        return void this.answer(message.id, message.wish, port);
      case 'ended':
        return this.finish({ kind: 'ended', seconds: (performance.now() - this.began) / 1000 });
      case 'failed':
        return this.finish({ kind: 'failed', message: message.message, stack: message.stack });
      case 'flooded':
        return this.stop('stopped: it printed more than a page can show');
    }
  }

  private startClock(): void {
    const { limit = 60, onRunning } = this.options;
    this.began = performance.now();
    const timer = setTimeout(() => this.stop(`stopped after ${limit} seconds`), limit * 1000);
    this.undo.push(() => clearTimeout(timer));
    onRunning?.();
  }

  private async answer(id: number, wish: Wish, port: MessagePort): Promise<void> {
    try {
      const bytes = await (wish.what === 'png' ? drawPng(wish) : fetchAsset(this.options.base, wish.name));
      port.postMessage({ kind: 'answer', id, bytes } satisfies ToProgram);
    } catch (error) {
      port.postMessage({ kind: 'answer', id, error: error instanceof Error ? error.message : String(error) } satisfies ToProgram); // prettier-ignore
    }
  }

  private async openFrame(base: string, port: MessagePort, gpu: boolean): Promise<void> {
    // As a text: of what comes from elsewhere, and to the frame all is elsewhere, a browser hides the errors
    const script = await fetchText(`${base}program.js`).catch(() => null);
    if (script === null) return this.stop('stopped: the playground cannot be fetched');
    if (this.isOver) return;
    const frame = document.createElement('iframe');
    frame.sandbox.add('allow-scripts', ...(gpu ? ['allow-same-origin'] : []));
    frame.hidden = true;
    frame.title = 'The running program';
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob: ${base}; worker-src blob:"><script>(${inFrame.toString()})()</script>`; // prettier-ignore
    let heard = performance.now();
    const listen = ({ source, data }: MessageEvent) => {
      if (source !== frame.contentWindow) return;
      heard = performance.now();
      if (data === 'broken') this.stop('stopped: the playground cannot be fetched');
    };
    const ping = () => {
      if (document.hidden) heard = performance.now(); // a page that nobody looks at is slowed down
      if (performance.now() - heard > PATIENCE) return this.stop('stopped: it used up the memory that a page may have');
      frame.contentWindow?.postMessage('ping', '*');
    };
    frame.onload = () => {
      frame.contentWindow?.postMessage({ base, script }, '*', [port]);
      heard = performance.now();
      const timer = setInterval(ping, PING);
      this.undo.push(() => clearInterval(timer));
    };
    addEventListener('message', listen);
    this.undo.push(() => removeEventListener('message', listen), () => frame.remove()); // prettier-ignore
    document.body.append(frame);
  }
}

/** What runs in the frame, which has nothing of this file: it starts the worker, and answers as long as there is a frame. */
function inFrame(): void {
  onmessage = ({ data, ports: [port] }: MessageEvent<{ base: string; script: string } | 'ping'>) => {
    if (data === 'ping') return parent.postMessage('pong', '*');
    const worker = new Worker(URL.createObjectURL(new Blob([data.script], { type: 'text/javascript' })));
    worker.onerror = () => parent.postMessage('broken', '*');
    worker.postMessage({ base: data.base }, port ? [port] : []);
  };
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server answers ${response.status}`);
  return response.text();
}

async function fetchAsset(base: string, name: string): Promise<Uint8Array> {
  if (!/^[\w/]+\.\w+$/.test(name)) throw new Error('there is no such file in the package');
  const response = await fetch(`${base}assets/${name}`);
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
