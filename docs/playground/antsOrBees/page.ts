/** The page "ants or bees?": the reader drops a photo, a network says what it shows, and where it has looked. */
import { addStyle, element } from '../panel/element';
import type { Judgement, JudgeAnswer, JudgeQuestion } from './protocol';
import css from './page.css';

const MOST = { photo: 20e6, network: 64e6 }; // bytes
const PATIENCE = 60_000; // milliseconds
const EXAMPLES = 6;

/** Sets the page up. `base` is the address of the playground's files. */
export function openAntsOrBees(host: HTMLElement, base: string): void {
  addStyle('ants-or-bees-style', css);
  new AntsOrBees(host, base);
}

class AntsOrBees {
  private worker: Worker | null = null;
  private count = 0;
  private network: { readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string } | null = null;
  private readonly status = element('p', { className: 'ants-status', role: 'status' });
  private readonly result = element('div', { className: 'ants-result' });
  private readonly about = element('p', { className: 'ants-about' });

  constructor(
    host: HTMLElement,
    private readonly base: string,
  ) {
    const input = element('input', { type: 'file', accept: 'image/*,.safetensors', multiple: true, className: 'ants-input', ariaLabel: 'Choose a photo, or a safetensors file' }); // prettier-ignore
    const drop = element('label', { className: 'ants-drop' }, element('strong', {}, 'Drop a photo here'), ' or choose one. A safetensors file that step 53 has saved takes the place of the network.', input); // prettier-ignore
    input.onchange = () => {
      void this.takeAll(Array.from(input.files ?? []));
      input.value = '';
    };
    drop.ondragover = (event) => {
      event.preventDefault();
      drop.classList.add('over');
    };
    drop.ondragleave = () => drop.classList.remove('over');
    drop.ondrop = (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      void this.takeAll(Array.from(event.dataTransfer?.files ?? []));
    };
    const examples = Array.from({ length: EXAMPLES }, (_, i) => this.example(`${base}assets/examples/${i}.png`));
    host.append(element('div', { className: 'ants' }, drop, element('p', {}, 'Or one of these drawings, on which the built-in network was not trained:'), element('div', { className: 'ants-examples' }, ...examples), this.status, this.result, this.about)); // prettier-ignore
  }

  private example(address: string): HTMLElement {
    const name = address.split('/').pop() ?? '';
    const onclick = () => void fetchBytes(address).then((bytes) => this.judge(bytes, name), (error: unknown) => this.say(wordsOf(error), true)); // prettier-ignore
    return element('button', { type: 'button', onclick, ariaLabel: `Drawing ${name}` }, element('img', { src: address, alt: '', width: 72, height: 72 })); // prettier-ignore
  }

  /** Networks first, so that a photo dropped with one is judged by it. */
  private async takeAll(files: readonly File[]): Promise<void> {
    const isNetwork = ({ name }: File) => name.endsWith('.safetensors');
    const sorted = [...files].sort((a, b) => Number(isNetwork(b)) - Number(isNetwork(a)));
    for (const file of sorted) await this.take(file, isNetwork(file) ? 'network' : 'photo');
  }

  private async take(file: File, kind: 'network' | 'photo'): Promise<void> {
    if (file.size > MOST[kind]) {
      return this.say(`${file.name} has ${megabytes(file.size)}; a ${kind} may have ${megabytes(MOST[kind])} here`, true);
    }
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (kind === 'network') await this.useNetwork(bytes, file.name);
      else await this.judge(bytes, file.name);
    } catch (error) {
      this.say(`${file.name} cannot be read: ${wordsOf(error)}`, true);
    }
  } // prettier-ignore

  private async useNetwork(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<boolean> {
    this.say(`opening ${name} …`);
    const answer = await this.ask({ kind: 'network', bytes, name });
    if (answer.kind === 'trouble') {
      this.say(answer.words, true);
      return false;
    }
    if (answer.kind !== 'network') return false;
    this.network = { bytes, name };
    this.about.textContent = `The network: ${name}: ${answer.about}.`;
    this.say('a photo, please');
    return true;
  }

  private async judge(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
    this.result.replaceChildren();
    if (!this.network) {
      const builtIn = await fetchBytes(`${this.base}assets/network.safetensors`).catch(() => null);
      if (!builtIn) return this.say('the built-in network cannot be fetched', true);
      if (!(await this.useNetwork(builtIn, 'built-in'))) return;
    }
    this.say(`looking at ${name} …`);
    const answer = await this.ask({ kind: 'photo', bytes, name });
    if (answer.kind === 'trouble') return this.say(answer.words, true);
    if (answer.kind === 'photo') this.show(answer.judgement);
  }

  private show({ label, answers, photo, heat }: Judgement): void {
    this.say('');
    const figure = (bytes: Uint8Array, alt: string, caption: string) =>
      element('figure', {}, element('img', { src: addressOf(bytes), alt }), element('figcaption', {}, caption));
    const rows = answers.slice(0, 5).map((answer) => {
      const percent = `${(100 * answer.share).toFixed(1)} %`;
      return element('li', {}, element('meter', { value: answer.share, ariaLabel: answer.label }), ` ${answer.label}: ${percent}`); // prettier-ignore
    });
    this.result.replaceChildren(
      element('p', { className: 'ants-answer' }, `It says: ${label}.`),
      element('ul', {}, ...rows),
      element('div', { className: 'ants-pictures' }, figure(photo, 'What the network saw', 'what it saw'), figure(heat, 'Where it looked, from blue to bright yellow', 'where it looked')), // prettier-ignore
    );
  }

  private say(words: string, isBad = false): void {
    this.status.textContent = words;
    this.status.classList.toggle('bad', isBad);
  }

  /** Asks the worker; one that does not answer is ended, and the next question starts another. */
  private ask(question: JudgeQuestion): Promise<JudgeAnswer> {
    const worker = (this.worker ??= new Worker(`${this.base}judge.js`));
    const id = this.count++;
    return new Promise((resolve) => {
      const end = (words: string) => {
        worker.terminate();
        this.worker = null;
        this.network = null;
        done({ kind: 'trouble', words });
      };
      const done = (answer: JudgeAnswer) => {
        clearTimeout(timer);
        worker.removeEventListener('message', hear);
        resolve(answer);
      };
      const hear = ({ data }: MessageEvent<{ id: number; value: JudgeAnswer }>) => data.id === id && done(data.value);
      const timer = setTimeout(() => end(`${question.name} took too long`), PATIENCE);
      worker.addEventListener('message', hear);
      worker.onerror = () => end('the network cannot be fetched, or broke down');
      worker.postMessage({ id, question });
    });
  }
}

async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} cannot be fetched: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const addressOf = (bytes: Uint8Array): string => URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type: 'image/png' })); // prettier-ignore
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
