import type { DType, Shape, TypedArray } from '../backends/backend';

const EDGE = 3; // what an abbreviated axis shows at each end
const MOST = 1000; // elements printed whole

/**
 * Numbers in brackets, in columns of equal width, as numpy prints them:
 * `[[1 2 3]` newline ` [4 5 6]]`. Floats show up to 8 significant decimals, or the shortest form that gives a single number back.
 * @since 28
 */
export function format(values: TypedArray, shape: Shape, dtype: DType): string {
  if (shape.length === 0) return formatNumber(values[0], dtype, 17);
  if (values.length === 0) return `[], shape (${shape.join(', ')})`;
  const short = values.length > MOST;
  const shown = shape.map((n) =>
    short && n > 2 * EDGE + 1
      ? [0, 1, 2, -1, n - 3, n - 2, n - 1] // −1 stands for the dots
      : Array.from({ length: n }, (_, i) => i),
  );
  const cells: string[] = [];
  const collect = (axis: number, at: number): void => {
    for (const i of shown[axis]) {
      if (i < 0) continue;
      if (axis === shape.length - 1) cells.push(formatNumber(values[at * shape[axis] + i], dtype, 9));
      else collect(axis + 1, at * shape[axis] + i);
    }
  };
  collect(0, 0);
  const width = Math.max(...cells.map((cell) => cell.length));
  let next = 0;
  const write = (axis: number): string => {
    const last = axis === shape.length - 1;
    const parts = shown[axis].map((i) => (i < 0 ? '...' : last ? cells[next++].padStart(width) : write(axis + 1)));
    const separator = last ? ' ' : '\n'.repeat(shape.length - 1 - axis) + ' '.repeat(axis + 1);
    return `[${parts.join(separator)}]`;
  };
  return write(0);
}

function formatNumber(x: number, dtype: DType, digits: number): string {
  if (dtype === 'bool') return x ? 'true' : 'false';
  if (dtype === 'int32' || !Number.isFinite(x)) return String(x);
  const single = dtype === 'float32' ? Number(x.toPrecision(digits > 8 ? 8 : digits)) : x;
  return digits > 9 ? String(single) : String(Number(single.toPrecision(digits - 1)));
}
