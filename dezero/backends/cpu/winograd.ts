/** Convolutions with kernels of 3×3 at stride 1, by fewer multiplications: what `assembly/winograd.ts` is given to do. */
import type { View, Window2d } from '../backend';
import { part, shares, type Engine, type Frame, type Pictures, type Workplace } from './engine';
import { eachFew } from './pictures';

/** Filters as the kernels want them: their address, and bytes from matrix to matrix. */
interface Ready {
  readonly at: number;
  readonly matrix: number;
  readonly blas: boolean;
}

const LEAST = 16; // channels or filters: with fewer, most of the work is to make the matrices
const ELEMENTS = 16; // of a transformed tile, and so many matrices
const MOST_TILES = 128; // whose matrices are made at a time
const MOST_BYTES = 2 ** 23; // of the matrices of a piece
const MOST_OF_WEIGHTS = 128; // filters, and channels, whose gradients are a piece
const APART = 64; // bytes between matrices, so that they share no cache set

/**
 * y = x ⋆ w (+ bias, an address if not 0), then relu if asked. Returns false, and nothing is done, where it is not float32, the kernels
 * are not 3×3, the stride is not 1, channels are in groups, or too few or too many for this to pay.
 * @throws NoRoom. @since 47
 */
export function convolveTiles(
  place: Workplace,
  x: View,
  xAt: number,
  w: Pictures,
  window: Window2d,
  y: View,
  bias = 0,
  relu = false,
): boolean {
  if (!suits(x, w, window, y)) return false;
  const { engine, outputs } = place;
  const ready = makeReady(place, w);
  eachFew(place, x, xAt, frameOf(window, y), y.shape[2] * y.shape[3], (pictures, first, count) => {
    convolveFew(engine, pictures, ready, few(y, outputs[0], first, count), bias, relu);
  });
  return true;
}

/** w = x ⋆ gy, the gradient of the kernels. Returns false, and nothing is done, as `convolveTiles`. @throws NoRoom. @since 47 */
export function correlateTiles(
  place: Workplace,
  x: View,
  xAt: number,
  gy: View,
  gyAt: number,
  window: Window2d,
  w: Pictures,
): boolean {
  if (!suits(x, w, window, gy)) return false;
  const { engine } = place;
  const blas = engine.blas() !== null;
  const [filters, channels] = w.shape;
  const pieceFilters = share(filters, 2 * Math.ceil(filters / (2 * MOST_OF_WEIGHTS)), 4); // an even number, for two threads
  const pieceChannels = share(channels, Math.ceil(channels / MOST_OF_WEIGHTS), 8);
  const pieces = Math.ceil(filters / pieceFilters) * Math.ceil(channels / pieceChannels);
  const strides = w.strides.map((step) => step * 4);
  eachFew(place, x, xAt, frameOf(window, gy), gy.shape[2] * gy.shape[3], (pictures, first, count) => {
    const numbers = describe(pictures, w.shape, few(gy, gyAt, first, count), MOST_TILES, blas);
    const sums = [w.at, ...strides, Number(first > 0)];
    engine.run('winogradWeights', pieces, [...numbers, pieceFilters, pieceChannels, ...sums]);
  });
  return true;
}

function suits(x: View, { shape: [filters, channels] }: Pictures, { kernel, stride, pad }: Window2d, y: View): boolean {
  const simple = kernel.every((size) => size === 3) && stride.every((step) => step === 1) && Math.min(...pad) >= 0;
  const plain =
    x.dtype === 'float32' &&
    x.strides[3] === 1 &&
    y.strides[3] === 1 &&
    x.shape[1] === channels &&
    y.shape[1] === filters;
  return simple && plain && Math.min(filters, channels) >= LEAST && mostTiles(filters, channels) >= 8;
}

/** A tile at the edge may reach over y: the pictures go on that far. */
function frameOf({ pad: [top, left] }: Window2d, { shape: [, , rows, columns] }: View): Frame {
  return { top, bottom: top + (rows % 2), left, right: left + (columns % 2) };
}

/** Some of the pictures at an address. */
function few({ shape, strides }: View, at: number, first: number, count: number): Pictures {
  return { at: at + first * strides[0] * 4, shape: [count, ...shape.slice(1)], strides };
}

function makeReady({ engine, alloc }: Workplace, { at, shape: [filters, channels], strides }: Pictures): Ready {
  const rows = inFours(filters);
  const matrix = rows * channels * 4 + APART;
  const to = alloc(ELEMENTS * matrix);
  const blas = engine.blas() !== null;
  const [ofPiece, pieces] = shares(filters, channels * ELEMENTS, 4);
  const [strip, row] = blas ? [16, rows * 4] : [channels * 16, 16];
  const steps = strides.map((step) => step * 4);
  engine.run('winogradFilters', pieces, [filters, ofPiece, channels, at, ...steps, to, strip, row, matrix]);
  return { at: to, matrix, blas };
}

function convolveFew(engine: Engine, x: Pictures, w: Ready, y: Pictures, bias: number, relu: boolean): void {
  const [filters, channels] = [y.shape[1], x.shape[1]];
  const tiles = y.shape[0] * tilesOf(y);
  const ofPiece = part(tiles, mostTiles(filters, channels), 8);
  const numbers = describe(x, [filters, channels], y, ofPiece, w.blas);
  engine.run('winograd', Math.ceil(tiles / ofPiece), [...numbers, w.at, w.matrix, bias, Number(relu)]);
}

/** What both jobs on tiles are told; `most` tiles are transformed at a time. */
function describe(
  x: Pictures,
  [filters, channels]: readonly number[],
  y: Pictures,
  most: number,
  blas: boolean,
): number[] {
  const [count, , rows, columns] = y.shape;
  const places = ({ at, strides }: Pictures) => [at, ...strides.slice(0, 3).map((step) => step * 4)];
  const tiles = [count * tilesOf(y), most, tilesOf(y), Math.ceil(columns / 2)];
  return [...tiles, filters, channels, ...places(x), ...places(y), rows, columns, Number(blas)];
}

/** Of a picture. */
const tilesOf = ({ shape: [, , rows, columns] }: Pictures): number => Math.ceil(rows / 2) * Math.ceil(columns / 2);

/** In a piece, in eights. */
function mostTiles(filters: number, channels: number): number {
  const bytes = ELEMENTS * (inFours(filters) + channels) * 4; // of the matrices of one tile
  return Math.min(MOST_TILES, Math.floor(MOST_BYTES / bytes / 8) * 8);
}

/** An equal part of `n`, in whole `unit`s. */
const share = (n: number, parts: number, unit: number): number => Math.ceil(n / parts / unit) * unit;

const inFours = (n: number): number => share(n, 1, 4);
