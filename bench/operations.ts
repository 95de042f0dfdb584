import type { Comparison, Work } from './compare';
import { each, oursOf, type Bench, type Family } from './ways';

/** A square picture of H × H with C channels, N of them, to O channels, in so many groups. */
type Sizes = Readonly<Record<'N' | 'C' | 'H' | 'O' | 'K' | 'stride' | 'pad' | 'groups', number>>;
type Layer = readonly [title: string, shape: Omit<Sizes, 'groups'> & Partial<Sizes>];

const LAYERS: readonly Layer[] = [
  ['VGG16 64→64 3×3, 112²', { N: 1, C: 64, H: 112, O: 64, K: 3, stride: 1, pad: 1 }],
  ['VGG16 512→512 3×3, 14²', { N: 4, C: 512, H: 14, O: 512, K: 3, stride: 1, pad: 1 }],
  ['SqueezeNet 3→96 7×7/2, 224²', { N: 4, C: 3, H: 224, O: 96, K: 7, stride: 2, pad: 0 }],
  ['SqueezeNet 128→32 1×1, 54²', { N: 8, C: 128, H: 54, O: 32, K: 1, stride: 1, pad: 0 }],
  ['SqueezeNet 32→128 3×3, 27²', { N: 8, C: 32, H: 27, O: 128, K: 3, stride: 1, pad: 1 }],
  ['SqueezeNet 64→256 3×3, 13²', { N: 16, C: 64, H: 13, O: 256, K: 3, stride: 1, pad: 1 }],
  ['ResNet 64→128 3×3/2, 56²', { N: 4, C: 64, H: 56, O: 128, K: 3, stride: 2, pad: 1 }],
  ['ResNet 256→1024 1×1, 14²', { N: 8, C: 256, H: 14, O: 1024, K: 1, stride: 1, pad: 0 }],
  ['depthwise 96 3×3, 56²', { N: 8, C: 96, H: 56, O: 96, K: 3, stride: 1, pad: 1, groups: 96 }],
];

/** Arrays read and written by an operation on arrays. */
const ELEMENTWISE = { add: 3, mul: 3, relu: 2, exp: 2 };
const REDUCTIONS = ['sum', 'sum axis 0', 'sum axis 1', 'max axis 1'];

function* comparisons({ options, children }: Bench): Generator<Comparison> {
  const { quick } = options;
  const ours = oursOf(options);
  const sizes = quick ? [64] : [512, 1024];
  for (const n of sizes) {
    for (const [form, written] of [['AB', 'A·B'], ['AtB', 'Aᵀ·B'], ['ABt', 'A·Bᵀ']] as const) {
      const work: Work = { amount: 2 * n ** 3, kind: 'operations' };
      const ways = children.ways('matmul', { m: n, n, k: n, form }, { more: n <= 512 ? ['plain', 'mathjs'] : ['plain'] });
      yield { title: `${written}, ${n}³`, ways, ours, work, limits: children.limits(work, ways) };
    } // prettier-ignore
  }
  for (const [title, layer] of quick ? LAYERS.slice(4, 5) : LAYERS) {
    const shape: Sizes = { groups: 1, ...layer, ...(quick ? { N: 1 } : {}) };
    const { N, C, H, O, K, stride, pad, groups } = shape;
    const OH = Math.floor((H + 2 * pad - K) / stride) + 1;
    const work: Work = { amount: (2 * N * O * OH * OH * C * K * K) / groups, kind: 'operations' };
    for (const part of ['forward', 'dX', 'dW']) {
      const ways = children.ways('convolution', { ...shape, part });
      yield { title: `${title} ×${N}, ${part}`, ways, ours, work, limits: children.limits(work, ways) };
    }
  }
  // In the cache of a core, and beyond all caches.
  for (const [rows, columns] of quick ? [[64, 512]] : [[128, 512], [4096, 4096]]) {
    const bytes = 4 * (rows ?? 0) * (columns ?? 0);
    const reading = REDUCTIONS.map((name) => [name, 1] as const);
    for (const [name, arrays] of [...Object.entries(ELEMENTWISE), ...reading]) {
      const work: Work = { amount: arrays * bytes, kind: 'bytes' };
      const small = bytes < 2 ** 20;
      const ways = children.ways('elements', { name, rows: rows ?? 0, columns: columns ?? 0 }, { more: small ? ['mathjs'] : [] });
      const title = `${name}, ${rows} × ${columns}`;
      yield { title, ways, ours, work, limits: children.limits(work, ways, bytes) };
    }
  } // prettier-ignore
}

/** Matrix products, convolutions, element-wise operations and reductions, float32. */
export const operations: Family = {
  about: 'float32; G/s are GFLOP/s, or GB/s read and written; limit: of multiply-adds in registers (wasm), of the product 1024³ with BLAS (native), of a copy of as much memory (element-wise)',
  ours: oursOf,
  run: (bench) => each(comparisons(bench), bench),
}; // prettier-ignore
