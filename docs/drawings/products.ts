/** The products of step 5 from either end, each table drawn as wide and as high as it is: 100 values all the way, and 1 at the end. */
import { element, svg, text } from './svg';

const SIDE = 46; // a hundred rows, or columns
const THIN = 6; // one
const COLUMN = 190; // from one product to the next
const ROW = 136;

/** A table of 100 columns, and of 100 rows or one. */
interface Table {
  readonly name: string;
  readonly thin: boolean;
}

const square = (name: string): Table => ({ name, thin: false });
const row = (name: string): Table => ({ name, thin: true });

/** A table around a height, with its name below. */
function table({ name, thin }: Table, x: number, y: number, look: string): string {
  const height = thin ? THIN : SIDE;
  const shape = { x, y: y - height / 2, width: SIDE, height, class: look, 'stroke-width': 1.5 };
  return element('rect', shape) + text(x + SIDE / 2, y + SIDE / 2 + 16, name);
}

/** left · right = result, and the multiplications of numbers that it takes. */
function product([left, right, result]: readonly [Table, Table, Table], x: number, y: number): string {
  const count = (left.thin ? 1 : 100) * 100 * 100;
  const at = { right: x + SIDE + 14, result: x + 2 * SIDE + 28 };
  return [
    table(left, x, y, 'line'),
    text(at.right - 7, y + 4, '·'),
    table(right, at.right, y, 'line'),
    text(at.result - 7, y + 4, '='),
    table(result, at.result, y, result.thin ? 'accent' : 'hot'),
    text(at.result + SIDE / 2, y + SIDE / 2 + 34, count.toLocaleString('en-US'), { class: 'soft' }),
  ].join('');
}

/** One order: its name, and its three products, one after the other. */
function order(name: string, products: readonly (readonly [Table, Table, Table])[], y: number): string {
  const drawn = products.map((one, i) => product(one, 10 + i * COLUMN, y + 44));
  return [text(10, y, name, { 'text-anchor': 'start' }), ...drawn].join('');
}

export function draw(): string {
  const [first, second, third, last] = [square('J₁'), square('J₂'), square('J₃'), row('J₄')];
  const [P, Q] = [square('P'), square('Q')];
  const [p, q, whole] = [row('p'), row('q'), row('J')];
  return svg(
    10 + 3 * COLUMN,
    2 * ROW,
    order('from the input: J₄ · (J₃ · (J₂ · J₁))', [[second, first, P], [third, P, Q], [last, Q, whole]], 16),
    order('from the output: ((J₄ · J₃) · J₂) · J₁', [[last, third, p], [p, second, q], [q, first, whole]], 16 + ROW),
  ); // prettier-ignore
}
