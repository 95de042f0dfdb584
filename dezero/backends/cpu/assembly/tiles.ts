/**
 * Convolution with kernels of 3×3 at stride 1, in 4 multiplications for each 9 of its definition: F(2×2, 3×3) of Winograd 1980, applied
 * to convolutions by Lavin & Gray 2015. A 2×2 tile of the result is
 *
 * Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A with Bᵀ = (1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1), G = (1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1), Aᵀ = (1 1 1 0; 0 1 −1 −1)
 *
 * where d is the 4×4 values that it sees and g the kernel. Added up over channels, each of the 16 elements of ⊙ is a matrix product:
 * filters × channels by channels × tiles. Here is what the forward pass (`winograd.ts`) and the gradient of the kernels
 * (`winogradWeights.ts`) share; the gradient of the pictures is a forward pass too, with kernels turned by half a circle.
 *
 * Of each matrix there are 16, `matrix` bytes apart. It lies in strips, four filters or eight tiles (or channels) wide, as `tile` of the
 * product reads them; or whole, as BLAS does. Vectors hold what is next to one another in it.
 */

export const ELEMENTS: i32 = 16; // of a transformed tile
/** Bytes between matrices, so that they share no cache set. @since 47 */
export const APART: i32 = 64;

const MOST: usize = 2 ** 23; // bytes of matrices that a piece makes: who cuts the work sees to it that there are no more
const TILES: usize = 128; // that are transformed at a time, at most
const ROOM: usize = 144; // for four tiles or kernels of the result, or a tile of a product

// Scratch memory begins with lists of int32 numbers: where each tile is in x, where in y, and its size. Then comes some room, then matrices.
/** @since 47 */
export const IN_Y: usize = TILES << 2;
/** @since 47 */
export const SIZE: usize = TILES << 3;
/** @since 47 */
export const ROOM_AT: usize = 12 * TILES;
/** @since 47 */
export const MATRICES: usize = ROOM_AT + ROOM;

/** Bytes of scratch memory that a piece needs. @since 47 */
export function tilesScratch(): usize {
  return MATRICES + MOST + 3 * ELEMENTS * APART;
}

/** What both jobs on tiles are told. @since 47 */
@unmanaged
export class Tiles {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Tiles of all pictures, those that are transformed at a time, those of a picture, and of a row of it. */
  tiles: i32;
  share: i32;
  tilesOfPicture: i32;
  tilesOfRow: i32; // prettier-ignore
  filters: i32;
  channels: i32; // prettier-ignore
  /** Pictures, framed so that each tile finds its 4×4 values, and bytes between pictures, channels and rows. */
  x: usize;
  xPicture: i32;
  xChannel: i32;
  xRow: i32; // prettier-ignore
  /** Pictures of the result, or its gradient. */
  y: usize;
  yPicture: i32;
  yFilter: i32;
  yRow: i32; // prettier-ignore
  /** Size of a picture of the result. */
  rows: i32;
  columns: i32; // prettier-ignore
  /** Whether BLAS multiplies. */
  blas: i32;
}

/** Lists where each tile is in x and in y, and its rows and columns there, as 3·rows + columns; those from `count` on are the last once more, and have 0 of both. @since 47 */
export function findPlaces(job: Tiles, first: i32, count: i32, wide: i32, places: usize): void {
  for (let t = 0; t < wide; t++, places += 4) {
    const tile = first + min(t, count - 1);
    const picture = tile / job.tilesOfPicture;
    const place = tile % job.tilesOfPicture;
    const row = 2 * (place / job.tilesOfRow);
    const column = 2 * (place % job.tilesOfRow);
    store<i32>(places, picture * job.xPicture + row * job.xRow + (column << 2));
    store<i32>(places, picture * job.yPicture + row * job.yRow + (column << 2), IN_Y);
    store<i32>(places, t < count ? 3 * min(2, job.rows - row) + min(2, job.columns - column) : 0, SIZE);
  }
}

/** Bᵀ d B. @since 47 */
export class Inputs {
  /** Of four tiles, or of four channels of a tile. @since 47 */
  @inline
  static four(p0: usize, p1: usize, p2: usize, p3: usize, step: i32, to: usize, matrix: i32): void {
    Inputs.row(p0, p1, p2, p3, step, 0, to, matrix);
    Inputs.row(p0, p1, p2, p3, step, 1, to + 4 * matrix, matrix);
    Inputs.row(p0, p1, p2, p3, step, 2, to + 8 * matrix, matrix);
    Inputs.row(p0, p1, p2, p3, step, 3, to + 12 * matrix, matrix);
  }

  /** One row of it. */
  @inline
  static row(p0: usize, p1: usize, p2: usize, p3: usize, step: i32, row: i32, to: usize, matrix: i32): void {
    const r0 = Inputs.column(p0, step, row);
    const r1 = Inputs.column(p1, step, row);
    const r2 = Inputs.column(p2, step, row);
    const r3 = Inputs.column(p3, step, row);
    // Four of four columns each: a 4×4 transpose.
    const s0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const s1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const s2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const s3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const c0 = v128.shuffle<i64>(s0, s1, 0, 2);
    const c1 = v128.shuffle<i64>(s0, s1, 1, 3);
    const c2 = v128.shuffle<i64>(s2, s3, 0, 2);
    const c3 = v128.shuffle<i64>(s2, s3, 1, 3);
    v128.store(to, f32x4.sub(c0, c2));
    v128.store(to + matrix, f32x4.add(c1, c2));
    v128.store(to + 2 * matrix, f32x4.sub(c2, c1));
    v128.store(to + 3 * matrix, f32x4.sub(c1, c3));
  }

  /** One row of Bᵀ d, of a tile. */
  @inline
  static column(d: usize, step: i32, row: i32): v128 {
    const first = row == 0 ? d : row == 2 ? d + 2 * step : d + step;
    const second = row == 2 ? d + step : row == 3 ? d + 3 * step : d + 2 * step;
    const other = v128.load(second);
    return row == 1 ? f32x4.add(v128.load(first), other) : f32x4.sub(v128.load(first), other);
  }
}
