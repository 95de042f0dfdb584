/** The page "train in your browser": a network learns while the reader looks on. */
import { addStyle, element } from '../panel/element';
import { Curve, svg } from './curve';
import type { SpiralPoint, TaskName, TestDigit, TrainEvent, TrainOrder, Where } from './protocol';
import css from './page.css';

/** Sets the page up. `base` is the address of the playground's files. */
export function openTrain(host: HTMLElement, base: string): { close(): void } {
  addStyle('train-style', css);
  return new Train(host, base);
}

const COLOURS = [
  [53, 105, 168],
  [211, 140, 30],
  [63, 143, 88],
] as const; // of the arms, in light and in dark
const EDGE = 1.15; // as in the worker
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const TASKS: readonly (readonly [TaskName, string])[] = [['spiral', 'Spiral'], ['digits', 'Digits']]; // prettier-ignore

class Train {
  private worker: Worker | null = null;
  private state: 'new' | 'going' | 'paused' | 'over' = 'new';
  private readonly loss = new Curve({ title: 'Loss', label: (y) => y.toPrecision(2), colour: 'loss' });
  private readonly accuracy = new Curve({ title: 'Right of what it has never seen', label: (y) => `${Math.round(100 * y)} %`, top: 1, colour: 'accuracy' }); // prettier-ignore
  private readonly start = element('button', { type: 'button', className: 'train-start' });
  private readonly reset = element('button', { type: 'button', textContent: 'Reset' });
  private readonly status = element('p', { className: 'train-status', role: 'status' });
  private readonly picture = element('div', { className: 'train-picture' });
  private readonly where: HTMLSelectElement;
  private readonly figures = new Map(['epoch', 'batches', 'loss', 'right', 'batches/s', 'device'].map((name) => [name, element('dd', {}, '–')])); // prettier-ignore
  private map: HTMLCanvasElement | null = null;
  private said: HTMLElement[] = [];
  private digits: readonly TestDigit[] = [];
  private epochs = 0;

  constructor(
    host: HTMLElement,
    private readonly base: string,
  ) {
    const choices = TASKS.map(([value, words]) => {
      const input = element('input', { type: 'radio', name: 'train-task', value, checked: value === 'spiral' });
      input.onchange = () => this.clear();
      return element('label', {}, input, element('span', {}, words));
    });
    const tasks = element('fieldset', { className: 'train-tasks' }, element('legend', {}, 'What to learn'), element('div', {}, ...choices)); // prettier-ignore
    const options = [['auto', 'as this browser can'], ['gpu', 'WebGPU'], ['wasm', 'WebAssembly']].map(([value = '', words = '']) => element('option', { value }, words)); // prettier-ignore
    this.where = element('select', {}, ...options);
    this.where.onchange = () => this.clear();
    const where = element('label', { className: 'train-where' }, element('span', {}, 'Where to compute'), this.where);
    const list = [...this.figures].map(([name, dd]) => element('div', {}, element('dt', {}, name), dd));
    const curve = (title: string, { element: drawing }: Curve) => element('figure', {}, element('figcaption', {}, title), drawing); // prettier-ignore
    host.replaceChildren(
      element('div', { className: 'train' },
        element('div', { className: 'train-controls' }, tasks, where, element('div', { className: 'train-buttons' }, this.start, this.reset)),
        this.status,
        element('div', { className: 'train-views' }, this.picture, element('div', { className: 'train-curves' }, curve('Loss, the mean of a few batches', this.loss), curve('Right, of what it is not trained on', this.accuracy))),
        element('dl', {}, ...list),
      ),
    ); // prettier-ignore
    this.start.onclick = () => this.press();
    this.reset.onclick = () => this.clear();
    this.clear();
  }

  /** Ends the training. */
  close(): void {
    this.worker?.terminate();
    this.worker = null;
  }

  private get task(): TaskName {
    const chosen = document.querySelector<HTMLInputElement>('input[name=train-task]:checked');
    return chosen?.value === 'digits' ? 'digits' : 'spiral';
  }

  private press(): void {
    if (this.state === 'over') this.clear();
    if (this.state === 'new') this.begin();
    else if (this.state === 'going') this.set('paused', 'Paused.', { kind: 'pause' });
    else this.set('going', 'It goes on.', { kind: 'goOn' });
  }

  private begin(): void {
    const worker = new Worker(`${this.base}assets/trainer.js`); // beside the digits, which it fetches
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<TrainEvent>) => this.take(data);
    worker.onerror = () => this.take({ kind: 'trouble', words: 'the trainer cannot be fetched, or broke down' });
    const { task } = this;
    this.set('going', task === 'digits' ? 'Fetching the digits …' : 'Beginning …', { kind: 'start', task, where: this.where.value as Where }); // prettier-ignore
  }

  private set(state: typeof this.state, words: string, order?: TrainOrder): void {
    this.state = state;
    if (order) this.worker?.postMessage(order);
    this.start.textContent = { new: 'Start', going: 'Pause', paused: 'Go on', over: 'Start again' }[state];
    this.reset.disabled = state === 'new';
    this.status.textContent = words;
    this.status.classList.remove('bad');
  }

  /** As if the page had just been opened, with what is chosen now. */
  private clear(): void {
    this.close();
    this.loss.clear();
    this.accuracy.clear();
    for (const [, dd] of this.figures) dd.textContent = '–';
    this.map = null;
    this.said = [];
    const words = this.task === 'spiral' ? 'Points on three arms, which no straight line can part' : 'Handwritten digits: 8,000 to learn from, 500 others to be asked about'; // prettier-ignore
    this.picture.replaceChildren(element('p', { className: 'train-empty' }, `${words}.`));
    this.set('new', 'Press Start.');
  }

  private take(event: TrainEvent): void {
    if (!this.worker) return; // of one that was ended
    switch (event.kind) {
      case 'ready': {
        const { device, parameters, tests, epochs, points, digits } = event;
        this.epochs = epochs;
        this.show('device', device);
        this.status.textContent = `${parameters.toLocaleString('en')} parameters learn, on ${device}; they are judged by ${tests} ${digits.length > 0 ? 'digits' : 'points'} on which they are not trained.`; // prettier-ignore
        this.picture.replaceChildren(...(digits.length > 0 ? this.digitsOf(digits) : this.spiralOf(points)));
        break;
      }
      case 'loss':
        this.loss.add(event.batches, event.loss);
        this.show('epoch', `${event.epoch} of ${this.epochs}`);
        this.show('batches', event.batches.toLocaleString('en'));
        this.show('loss', event.loss.toFixed(3));
        this.show('batches/s', event.rate < 10 ? event.rate.toFixed(1) : Math.round(event.rate).toLocaleString('en'));
        break;
      case 'test':
        this.accuracy.add(event.batches, event.accuracy);
        this.show('right', percent(event.accuracy));
        this.answer(event.said);
        break;
      case 'map':
        this.paint(event.side, event.probabilities);
        break;
      case 'ended': {
        const right = this.figures.get('right')?.textContent ?? '';
        this.set('over', `Done: ${right} of what it had never seen.`);
        break;
      }
      case 'trouble':
        this.set('over', event.words);
        this.status.classList.add('bad');
        break;
      default:
        event satisfies never;
    }
  }

  private show(name: string, words: string): void {
    const dd = this.figures.get(name);
    if (dd) dd.textContent = words;
  }

  /** The plane, which the network colours, and on it the points: each arm has a colour and a shape. */
  private spiralOf(points: readonly SpiralPoint[]): Element[] {
    this.map = element('canvas', { width: 1, height: 1 });
    const drawing = svg('svg', { viewBox: `${-EDGE} ${-EDGE} ${2 * EDGE} ${2 * EDGE}`, 'aria-hidden': 'true' });
    const shapes = [
      (x: number, y: number) => svg('circle', { cx: x, cy: y, r: 0.022 }),
      (x: number, y: number) => svg('rect', { x: x - 0.019, y: y - 0.019, width: 0.038, height: 0.038 }),
      (x: number, y: number) => svg('path', { d: `M${x} ${y - 0.027}L${x + 0.025} ${y + 0.018}L${x - 0.025} ${y + 0.018}Z` }),
    ];
    for (const { at, arm } of points) {
      const shape = shapes[arm]?.(at[0], -at[1]);
      shape?.setAttribute('class', `arm${arm}`);
      if (shape) drawing.append(shape);
    }
    const label = 'The plane, coloured by which of the three arms the network takes each place for, and the points it learns from'; // prettier-ignore
    const plane = element('div', { className: 'train-plane', role: 'img', ariaLabel: label }, this.map);
    plane.append(drawing);
    return [plane];
  } // prettier-ignore

  private paint(side: number, probabilities: Uint8Array): void {
    if (!this.map) return;
    if (this.map.width !== side) this.map.width = this.map.height = side;
    const pen = this.map.getContext('2d');
    const image = new ImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      const shares = [0, 1, 2].map((arm) => (probabilities[3 * i + arm] ?? 0) / 255);
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = shares.reduce((sum, share, arm) => sum + share * (COLOURS[arm]?.[c] ?? 0), 0); // prettier-ignore
      image.data[4 * i + 3] = 60 + 110 * Math.max(0, 1.5 * Math.max(...shares) - 0.5); // paler where it is not sure
    }
    pen?.putImageData(image, 0, 0);
  }

  private digitsOf(digits: readonly TestDigit[]): Element[] {
    this.digits = digits;
    this.said = digits.map(() => element('span', {}, '…'));
    const items = digits.map(({ pixels, label }, i) => {
      const canvas = element('canvas', { width: 28, height: 28, role: 'img', ariaLabel: `a handwritten ${label}` });
      const image = new ImageData(28, 28);
      pixels.forEach((grey, at) => image.data.set([grey, grey, grey, 255], 4 * at));
      canvas.getContext('2d')?.putImageData(image, 0, 0);
      return element('li', {}, canvas, this.said[i] ?? '');
    });
    return [element('p', { className: 'train-asked' }, 'What it says of digits that it is not trained on:'), element('ul', { className: 'train-digits' }, ...items)]; // prettier-ignore
  }

  private answer(said: readonly number[]): void {
    said.forEach((digit, i) => {
      const isRight = digit === this.digits[i]?.label;
      const span = this.said[i];
      if (!span) return;
      span.textContent = `${digit} ${isRight ? '✓' : '✗'}`;
      span.className = isRight ? 'right' : 'wrong';
    });
  }
}
