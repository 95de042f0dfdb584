/** The playground on a page: a step's program in an editor, and what it prints and draws below. */
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { EditorView } from 'codemirror';
import type { Finding } from '../protocol';
import { Compiler } from './compiler';
import { createEditor, goTo, replaceText } from './editor';
import { addStyle, element } from './element';
import { Output } from './output';
import { Run, type Outcome } from './run';
import { linkTo, programIn } from './share';
import css from './panel.css';

export { Compiler, Run, linkTo, programIn };

export interface PanelOptions {
  /** The address of the playground's files. */
  readonly base: string;
  /** The step, as `step14`. */
  readonly name: string;
  /** Whether it may find the gpu, where there is one. */
  readonly gpu?: boolean;
  /** Seconds after which a program is stopped; default 60. */
  readonly limit?: number;
  readonly onClose?: () => void;
}

let compiler: Compiler | null = null; // one for all panels: it knows the types by then

/** Opens a playground in an element of the page. A program in the page's address takes the place of the step's. */
export async function openPanel(host: HTMLElement, options: PanelOptions): Promise<Panel> {
  addStyle('playground-style', css);
  const response = await fetch(`${options.base}steps/${options.name}.txt`);
  if (!response.ok) throw new Error(`the program cannot be fetched: the server answers ${response.status}`);
  const original = await response.text();
  const shared = await programIn(location.hash);
  compiler ??= new Compiler(options.base);
  return new Panel(host, options, compiler, original, shared ?? original);
}

export class Panel {
  readonly element: HTMLElement;
  readonly editor: EditorView;
  private readonly output = new Output();
  private readonly status = element('p', { className: 'playground-status', role: 'status' });
  private readonly findings = element('ul', { className: 'playground-findings' });
  private readonly runButton = this.button('Run', 'Run the program (Ctrl+Enter)', () => void this.run());
  private readonly stopButton = this.button('Stop', 'Stop the program', () => this.running?.stop());
  private running: Run | null = null;

  constructor(
    host: HTMLElement,
    private readonly options: PanelOptions,
    private readonly compiler: Compiler,
    private readonly original: string,
    text: string,
  ) {
    const { name } = options;
    const bar = element(
      'div',
      { className: 'playground-bar' },
      this.runButton,
      this.stopButton,
      this.button('Reset', 'Put the original program back', () => this.reset()),
      this.button('Share', 'Copy a link to this program', () => void this.share()),
      this.button('Close', 'Close the playground', () => this.close()),
      this.status,
    );
    const place = element('div', { className: 'playground-editor' });
    this.element = element('section', { className: 'playground', ariaLabel: `Playground: ${name}` }, bar, place, this.findings, this.output.element); // prettier-ignore
    host.append(this.element);
    this.editor = createEditor({
      parent: place,
      text,
      name,
      compiler,
      label: `The program of ${name}, to be changed`,
      run: () => void this.run(),
      onFindings: (findings) => this.showFindings(findings),
    });
    this.stopButton.disabled = true;
  }

  /** Compiles the program and runs it; one that still runs is stopped first. */
  async run(): Promise<void> {
    this.running?.stop();
    const { base, name, gpu, limit } = this.options;
    this.output.clear();
    this.say('compiling …');
    this.runButton.disabled = true;
    try {
      const text = this.editor.state.doc.toString();
      const { modules, maps, broken } = await this.compiler.ask({ kind: 'compile', name, text });
      if (broken.length > 0) {
        this.showFindings(broken);
        return this.say(`does not run: line ${broken[0]?.line}: ${broken[0]?.message}`, true);
      }
      this.say('fetching what it needs …');
      const run = new Run({
        base,
        modules,
        entry: name,
        gpu: gpu === true && (await hasAdapter()),
        ...(limit === undefined ? {} : { limit }),
        onRunning: () => this.say('running …'),
        onEvents: (events) => this.output.add(events),
      });
      this.running = run;
      this.stopButton.disabled = false;
      this.runButton.disabled = false;
      const outcome = await run.outcome;
      if (this.running !== run) return;
      this.running = null;
      this.stopButton.disabled = true;
      this.tell(outcome, maps);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), true);
    } finally {
      this.runButton.disabled = false;
    }
  }

  /** Takes the playground away, with a program that runs. */
  close(): void {
    this.running?.stop();
    this.editor.destroy();
    this.element.remove();
    this.options.onClose?.();
  }

  private tell(outcome: Outcome, maps: Readonly<Record<string, string>>): void {
    if (outcome.kind === 'ended') return this.say(`ended after ${outcome.seconds.toFixed(1)} s`);
    if (outcome.kind === 'stopped') return this.say(outcome.why, outcome.why !== 'stopped');
    const { message, stack } = outcome;
    const where = originOf(stack, maps);
    this.output.line(where.length > 0 ? `${message}\n${where.map((place) => `    at ${place}`).join('\n')}` : message, 'error');
    this.say(`ended by an error${where[0] ? ` in ${where[0]}` : ''}`, true);
  } // prettier-ignore

  private reset(): void {
    replaceText(this.editor, this.original);
    if (location.hash.startsWith('#play=')) history.replaceState(history.state, '', location.pathname + location.search);
    this.say('the original program is back');
  } // prettier-ignore

  private async share(): Promise<void> {
    const link = await linkTo(location.href, this.editor.state.doc.toString());
    history.replaceState(history.state, '', link);
    const copied = await navigator.clipboard.writeText(link).then(() => true, () => false); // prettier-ignore
    this.say(copied ? 'the link is copied; the program is in it, and nowhere else' : 'the link is in the address bar');
  }

  private showFindings(findings: readonly Finding[]): void {
    const shown = findings.slice(0, 5).map(({ line, message, from }) => {
      const button = element('button', { type: 'button', onclick: () => goTo(this.editor, from) }, `line ${line}`);
      return element('li', {}, button, ` ${message}`);
    });
    const more = findings.length - shown.length;
    if (more > 0) shown.push(element('li', {}, `and ${more} more`));
    this.findings.replaceChildren(...shown);
  }

  private say(words: string, isBad = false): void {
    this.status.textContent = words;
    this.status.classList.toggle('bad', isBad);
  }

  private button(text: string, title: string, onclick: () => void): HTMLButtonElement {
    return element('button', { type: 'button', title, onclick }, text);
  }
}

/** The places in a stack that lie in the program or in steps it imports, as `step14, line 20`. */
export function originOf(stack: string, maps: Readonly<Record<string, string>>): string[] {
  const places = [...stack.matchAll(/(step\d\d)\.js:(\d+):(\d+)/g)].map(([, name = '', line, column]) => {
    const map = maps[name];
    const found = map ? originalPositionFor(new TraceMap(map), { line: Number(line), column: Number(column) - 1 }) : null;
    return found?.line ? `${name}, line ${found.line}` : null;
  });
  return [...new Set(places.filter((place) => place !== null))].slice(0, 5);
} // prettier-ignore

/** Whether there is a gpu at all: without one a program is as well off behind the higher wall. */
async function hasAdapter(): Promise<boolean> {
  return 'gpu' in navigator && (await navigator.gpu.requestAdapter()) !== null;
}
