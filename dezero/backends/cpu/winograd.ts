/** Convolutions with kernels of 3×3 at stride 1, by fewer multiplications: what `assembly/winograd.ts` is given to do. */
import type { View, Window2d } from '../backend';
import { shares, type Engine, type Pictures, type Workplace } from './engine';
import { eachFew } from './pictures';

/** Filters as the kernels want them: their address, and bytes from matrix to matrix. */
interface Ready {
  readonly at: number;
  readonly matrix: number;
  readonly blas: boolean;
}

const LEAST = 16; // channels or filters: with fewer, most of the work is to make the matrices
const ELEMENTS = 16; // of a transformed tile, and so many matrices
const MOST_TILES = 128; // in a piece
const MOST_BYTES = 2 ** 23; // of a piece's matrices
const APART = 64; // bytes between matrices, so that they share no cache set

/**
 * y = x ⋆ w (+ bias, an address if not 0), then relu if asked. Returns false, and nothing is done, where the kernels are not 3×3, the
 * stride is not 1, channels are in groups, or too few or too many for this to pay.
 * @throws NoRoom. @since 47
 */
export function convolveTiles(
  place: Workplace,
  x: View,
  xAt: number,
  w: Pictures,
  { kernel, stride, pad: [top, left] }: Window2d,
  y: View,
  bias = 0,
  relu = false,
): boolean {
  const [filters, channels] = w.shape;
  const plain = x.strides[3] === 1 && y.strides[3] === 1 && x.shape[1] === channels && y.shape[1] === filters;
  if (!plain || Math.min(filters, channels) < LEAST || mostTiles(filters, channels) < 8) return false;
  if (kernel.some((size) => size !== 3) || stride.some((step) => step !== 1) || Math.min(top, left) < 0) return false;
  const { engine, outputs } = place;
  const ready = makeReady(place, w);
  const [, O, OH, OW] = y.shape;
  // A tile at the edge may reach over y: the pictures go on that far.
  const frame = { top, bottom: top + (OH % 2), left, right: left + (OW % 2) };
  eachFew(place, x, xAt, frame, OH * OW, (pictures, first, count) => {
    const at = outputs[0] + first * y.strides[0] * 4;
    convolveFew(engine, pictures, ready, { at, shape: [count, O, OH, OW], strides: y.strides }, bias, relu);
  });
  return true;
}

function makeReady({ engine, alloc }: Workplace, { at, shape: [filters, channels], strides }: Pictures): Ready {
  const rows = inFours(filters);
  const matrix = rows * channels * 4 + APART;
  const to = alloc(ELEMENTS * matrix);
  const blas = engine.blas() !== null;
  const [share, pieces] = shares(filters, channels * ELEMENTS, 4);
  const [strip, row] = blas ? [16, rows * 4] : [channels * 16, 16];
  const steps = strides.map((step) => step * 4);
  engine.run('winogradFilters', pieces, [filters, share, channels, at, ...steps, to, strip, row, matrix]);
  return { at: to, matrix, blas };
}

function convolveFew(engine: Engine, x: Pictures, w: Ready, y: Pictures, bias: number, relu: boolean): void {
  const [count, filters, rows, columns] = y.shape;
  const channels = x.shape[1];
  const ofRow = Math.ceil(columns / 2);
  const ofPicture = Math.ceil(rows / 2) * ofRow;
  const tiles = count * ofPicture;
  const most = mostTiles(filters, channels);
  const parts = tiles <= most / 2 ? 1 : 2 * Math.ceil(tiles / (2 * most)); // an even number, for two threads
  const share = Math.ceil(tiles / parts / 8) * 8;
  const places = ({ at, strides }: Pictures) => [at, ...strides.slice(0, 3).map((step) => step * 4)];
  const sizes = [tiles, share, ofPicture, ofRow, filters, channels];
  const finish = [rows, columns, bias, Number(relu), Number(w.blas)];
  engine.run('winograd', Math.ceil(tiles / share), [...sizes, ...places(x), w.at, w.matrix, ...places(y), ...finish]);
}

/** In a piece, in eights. */
function mostTiles(filters: number, channels: number): number {
  const bytes = ELEMENTS * (inFours(filters) + channels) * 4; // of the matrices of one tile
  return Math.min(MOST_TILES, Math.floor(MOST_BYTES / bytes / 8) * 8);
}

const inFours = (n: number): number => Math.ceil(n / 4) * 4;
