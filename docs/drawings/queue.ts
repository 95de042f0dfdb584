/** Orders go into the queue of the gpu one after the other; it works while more are written down, and only `await` waits for it. */
import { curve, element, svg, text } from './svg';

const LEFT = 70; // where time begins
const ORDER = 26; // how long it takes to write down an operation
const WORK = 76; // how long the gpu takes for one
const [CPU, GPU] = [50, 130]; // the two rows
const HEIGHT = 26;
const NAMES = ['matmul', 'relu', 'matmul', 'loss', '…'];

function piece(x: number, y: number, width: number, look: string, words = ''): string {
  const shape = { x, y: y - HEIGHT / 2, width: width - 3, height: HEIGHT, rx: 4, class: look };
  return element('rect', shape) + text(x + width / 2 - 1, y + 4, words, { 'font-size': 12 });
}

/** The two rows, and an arrow for each order. */
export function draw(): string {
  const started = LEFT + 2 * ORDER; // what has been written down by then is handed over together
  const ended = started + NAMES.length * WORK;
  const written = LEFT + NAMES.length * ORDER;
  return svg(
    ended + 90,
    190,
    text(LEFT - 34, CPU + 4, 'cpu'),
    text(LEFT - 34, GPU + 4, 'gpu'),
    ...NAMES.map((_, i) => piece(LEFT + i * ORDER, CPU, ORDER, 'box')),
    piece(written, CPU, ended - written, 'line', "await loss.to('cpu')"),
    piece(ended, CPU, 60, 'box', 'go on'),
    ...NAMES.map((name, i) => piece(started + i * WORK, GPU, WORK, 'box hot', name)),
    ...NAMES.map((_, i) => {
      const from = LEFT + (i + 0.5) * ORDER;
      const to = started + i * WORK + 8;
      return curve([[from, CPU + HEIGHT / 2], [to, GPU - HEIGHT / 2]], { class: 'line soft' }); // prettier-ignore
    }),
    curve([[ended - 12, GPU - HEIGHT / 2], [ended, CPU + HEIGHT / 2]], { class: 'accent' }), // prettier-ignore
    text(LEFT + 150, 176, 'time →', { class: 'soft' }),
  );
}
