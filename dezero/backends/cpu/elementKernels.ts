/**
 * All that is no product in WebAssembly: element by element, along axes, pooling, optimizer steps, random words. Each operation is as in the
 * contract, and false where it does not apply: other dtypes than float32 (float64 too in pooling and, if it lies in the kernels' memory, element by
 * element and along axes), or so little work that plain loops are as quick.
 */
import type { ArithmeticOp, CompareOp, ParameterUpdate, ReduceOp, UnaryOp, UpdateRule, View, Window2d } from '../backend'; // prettier-ignore
import { countOf, isDense } from './elementwise';
import { shares, type Workplace } from './engine';
import { areFloats, floatBytes } from './pictures';
import type { CpuStorage } from './storage';
import { axes, type Axis } from './tables';
import type { Kernels } from './wasm';

// In the order of the constants in assembly/elementwise.ts.
const UNARY: readonly UnaryOp[] = ['neg', 'sqrt', 'square', 'abs', 'sign', 'relu', 'floor', 'exp', 'log', 'sigmoid', 'tanh']; // prettier-ignore
const BINARY: readonly (ArithmeticOp | CompareOp)[] = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'gate', 'sigmoidGradient', 'tanhGradient', 'equal', 'less', 'lessEqual']; // prettier-ignore
const MATHS: ReadonlySet<UnaryOp> = new Set(['exp', 'log', 'sigmoid', 'tanh']); // of float64 they are Math's, whose digits the course prints
const MATHS_COST = 8; // takes as long as so many additions: fewer elements are worth sharing among threads
/** The kinds for float64. */
const WIDE = { unary: 'unary64', binary: 'binary64', where: 'where64', copy: 'copy64' } as const;
const REDUCE: readonly ReduceOp[] = ['sum', 'max', 'min'];

const LEAST = 512; // elements
const MOST_ROWS = 2 ** 18; // in a table

/** An array seen as rows: what its outer axes are, and the step and length of the innermost. */
interface Rows {
  readonly length: number;
  /** For each operand: the outer axes with its strides, and the inner stride. */
  readonly operands: readonly { readonly outer: readonly Axis[]; readonly step: number }[];
}

/** The kernels for these. @since 28 */
export class ElementKernels {
  readonly #kernels: Kernels;
  readonly #least: number;

  /** `least`: operations on fewer elements are declined, 512 by default. @since 28 */
  constructor(kernels: Kernels, least = LEAST) {
    this.#kernels = kernels;
    this.#least = least;
  }

  /** y = f(x). @since 28 */
  unary(op: UnaryOp, x: View, out: View): boolean {
    const operation = UNARY.indexOf(op);
    if (operation < 0 || (x.dtype === 'float64' && MATHS.has(op))) return false;
    return this.#elementwise('unary', operation, [x], out, MATHS.has(op) ? MATHS_COST : 1);
  }

  /** y = f(a, b). @since 28 */
  binary(op: ArithmeticOp | CompareOp, a: View | number, b: View | number, out: View): boolean {
    const operation = BINARY.indexOf(op);
    if (op === 'pow' && typeof a !== 'number') return this.#power(a, b, out);
    if (operation < 0) return false;
    return this.#elementwise('binary', operation, [a, b], out);
  }

  /** The powers that training takes: squares, roots and inverses. */
  #power(x: View, exponent: View | number, out: View): boolean {
    if (x.dtype !== 'float32') return false;
    if (exponent === 2) return this.unary('square', x, out);
    if (exponent === 0.5) return this.unary('sqrt', x, out);
    return exponent === -1 && this.binary('div', 1, x, out);
  }

  /** y = mask ? a : b. @since 28 */
  where(mask: View, a: View | number, b: View | number, out: View): boolean {
    return mask.dtype === 'bool' && this.#elementwise('where', 0, [a, b, mask], out);
  }

  /** y = x, in y's order. @since 28 */
  copy(x: View, out: View): boolean {
    if (!isDense(out) || isDense(x)) return false;
    return this.#elementwise('copy', 0, [x], out);
  }

  #elementwise(
    kind: keyof typeof WIDE,
    operation: number,
    operands: readonly (View | number)[],
    out: View,
    cost = 1,
  ): boolean {
    const count = countOf(out);
    if (count < this.#least) return false;
    const views = operands.filter((x): x is View => typeof x !== 'number');
    const dtypes = new Set([...views, out].filter((x) => x.dtype !== 'bool').map((x) => x.dtype)); // of all but masks
    const [dtype] = dtypes;
    const wide = dtype === 'float64';
    // An ordinary array of float64 would take longer to copy, there and back, than to go through in a loop.
    const suits = wide
      ? [...views, out].every(isInKernels)
      : dtype === 'float32' || (dtype === 'int32' && kind === 'copy');
    if (dtypes.size !== 1 || !suits) return false;
    const { length, operands: rows } = inRows(out.shape, views.map(({ strides }) => strides)); // prettier-ignore
    if (count / length > MOST_ROWS) return false;
    return this.#kernels.run(views, [out], ({ engine, inputs, outputs: [y], alloc }) => {
      const [share, pieces] = shares(count, cost, 64);
      const written = operands.flatMap((x) => {
        if (typeof x === 'number') return [constant(x, wide, engine, alloc), 0, 0];
        const i = views.indexOf(x);
        const bytes = x.dtype === 'bool' ? 1 : wide ? 8 : 4;
        const { outer, step } = rows[i];
        const table = outer.length === 0 && step !== 0 ? 0 : engine.table(outer, bytes);
        return [inputs[i], table, step * bytes];
      });
      engine.run(wide ? WIDE[kind] : kind, pieces, [operation, count, length, share, y, ...written]);
    });
  }

  /** Reduces axes. @since 28 */
  reduce(op: ReduceOp, x: View, reduced: readonly number[], out: View): boolean {
    const count = countOf(x);
    const wide = x.dtype === 'float64';
    if (count < this.#least || !areFloats(x, out) || (wide && !isInKernels(x))) return false;
    const along = axes(x.shape, x.strides).map((axis, i) => ({ axis, reduced: reduced.includes(i) }));
    const merged = merge(along.filter(({ axis: [size] }) => size > 1));
    const last = merged.findLastIndex(({ axis: [, stride] }) => stride === 1);
    const inner = merged[last];
    // Neighbours that stay must be neighbours in out too.
    if (!inner || (!inner.reduced && merged.findLastIndex((one) => !one.reduced) !== last)) return false;
    // Sums of float64 are made in the order of the elements: these neighbours must come last.
    if (wide && op === 'sum' && inner.reduced && merged.findLastIndex((one) => one.reduced) !== last) return false;
    const rest = merged.filter((one) => one !== inner);
    const bases = rest.filter((one) => !one.reduced).map(({ axis }) => axis);
    const depths = rest.filter((one) => one.reduced).map(({ axis }) => axis);
    const [baseCount, depthCount] = [bases, depths].map((list) => list.reduce((product, [size]) => product * size, 1));
    if (baseCount > MOST_ROWS || depthCount > MOST_ROWS) return false;
    const [length] = inner.axis;
    return this.#kernels.run([x], [out], ({ engine, inputs: [from], outputs: [y] }) => {
      const blocks = inner.reduced ? 1 : Math.ceil(length / 16);
      const [share, pieces] = shares(baseCount * blocks, depthCount * (inner.reduced ? length : 16));
      const bytes = floatBytes(x);
      const tables = [engine.table(bases, bytes), baseCount, engine.table(depths, bytes), depthCount];
      engine.run(wide ? 'reduce64' : 'reduce', pieces, [
        REDUCE.indexOf(op),
        from,
        y,
        ...tables,
        length,
        share,
        Number(inner.reduced),
      ]);
    });
  }

  /** The largest of each window, and its place. @since 47 */
  maxPool(x: View, window: Window2d, out: View, places: View): boolean {
    return this.#pooling('maxPool', window, { pictures: x, windows: out, places }, [out, places]);
  }

  /** Pictures read at places. @since 47 */
  poolGather(x: View, places: View, out: View): boolean {
    return this.#pooling('poolGather', NO_WINDOW, { pictures: x, windows: out, places }, [out]);
  }

  /** Windows added at places. @since 47 */
  poolScatter(gy: View, places: View, out: View): boolean {
    return this.#pooling('poolScatter', NO_WINDOW, { pictures: out, windows: gy, places }, [out]);
  }

  /** The mean of each window. @since 47 */
  averagePool(x: View, window: Window2d, out: View): boolean {
    return this.#pooling('averagePool', window, { pictures: x, windows: out, places: null }, [out]);
  }

  /** The adjoint of averagePool. @since 47 */
  averagePoolInput(gy: View, window: Window2d, out: View): boolean {
    return this.#pooling('averagePoolInput', window, { pictures: out, windows: gy, places: null }, [out]);
  }

  #pooling(
    kind: Pool,
    { kernel, stride, pad }: Window2d,
    views: { readonly pictures: View; readonly windows: View; readonly places: View | null },
    outputs: readonly View[],
  ): boolean {
    const { pictures, windows, places } = views;
    if (countOf(pictures) < this.#least || !areFloats(pictures, windows)) return false;
    const all = [pictures, windows, places];
    if (all.some((view) => view && !isDense(view))) return false;
    const [N, C, H, W] = pictures.shape;
    const [, , OH, OW] = windows.shape;
    const inputs = all.map((view) => (view && outputs.includes(view) ? null : view));
    return this.#kernels.run(inputs, outputs, ({ engine, inputs: found, outputs: made }) => {
      const addresses = all.map((view, i) => (view && outputs.includes(view) ? made[outputs.indexOf(view)] : found[i]));
      const [share, pieces] = shares(N * C, OH * OW * kernel[0] * kernel[1]);
      const sizes = [N * C, share, H, W, OH, OW, ...kernel, ...stride, ...pad];
      engine.run(pictures.dtype === 'float64' ? `${kind}64` : kind, pieces, [...sizes, ...addresses]);
    });
  }

  /** One optimizer step. @since 37 */
  update(rule: UpdateRule, { parameter, grad, state, settings }: ParameterUpdate): boolean {
    const count = countOf(parameter);
    const views = [parameter, grad, ...state];
    const wide = views.every((view) => view.dtype === 'float64' && isInKernels(view));
    if (count < this.#least || !(wide || allFloat32(...views)) || !views.every(isDense)) return false;
    const [code, numbers] = RULES[rule](settings);
    return this.#kernels.run(views, [parameter, ...state], ({ engine, inputs: [p, g, s = 0, u = 0] }) => {
      const [share, pieces] = shares(count, 1, 64);
      engine.run(wide ? 'update64' : 'update', pieces, [code, count, share, p, g, s, u], numbers);
    });
  }

  /** Words of a Philox stream from a block on as int32, or as uniform float32 numbers; `out` is the whole of its storage. @since 28 */
  words(key: readonly [number, number], counter: number, out: View): boolean {
    const count = countOf(out);
    const uniform = out.dtype === 'float32';
    if (count < this.#least || count !== out.storage.length || !isDense(out)) return false;
    return (
      (uniform || out.dtype === 'int32') &&
      this.#kernels.run([], [out], ({ engine, outputs: [to] }) => {
        const blocks = Math.ceil(count / 4); // the last may run on into what its storage has been rounded up by
        const [share, pieces] = shares(blocks, 16);
        const from = [counter >>> 0, Math.floor(counter / 2 ** 32)];
        engine.run('words', pieces, [...key, ...from, blocks, share, to, Number(uniform)]);
      })
    );
  }
}

/** Kinds that there are for float32 and, with 64 after it, for float64. */
type Pool = 'maxPool' | 'poolGather' | 'poolScatter' | 'averagePool' | 'averagePoolInput';

type Settings = Readonly<Record<string, number>>;

const NO_WINDOW: Window2d = { kernel: [1, 1], stride: [1, 1], pad: [0, 0] };

/** The number of each rule in assembly/updates.ts, and its numbers there. */
const RULES: Record<UpdateRule, (settings: Settings) => readonly [code: number, numbers: readonly number[]]> = {
  sgd: ({ lr }) => [0, [lr]],
  momentum: ({ lr, momentum }) => [1, [lr, momentum]],
  nesterov: ({ lr, momentum }) => [2, [lr, momentum]],
  adaGrad: ({ lr, eps }) => [3, [lr, eps, 1, 1]],
  rmsProp: ({ lr, eps, alpha }) => [3, [lr, eps, alpha, 1 - alpha]],
  adaDelta: ({ lr, eps, rho }) => [4, [lr, eps, rho, 1 - rho]],
  adam: adamNumbers,
  adamW: adamNumbers,
};

function adamNumbers({ lr, beta1, beta2, eps, step, weightDecay = 0 }: Settings) {
  const [rate, correct] = [lr / (1 - beta1 ** step), Math.sqrt(1 - beta2 ** step)];
  return [5, [rate, eps, beta1, 1 - beta1, beta2, 1 - beta2, correct, 1 - lr * weightDecay]] as const;
}

function allFloat32(...operands: readonly (View | number)[]): boolean {
  return operands.every((x) => typeof x === 'number' || x.dtype === 'float32');
}

/** The address of a number. */
function constant(x: number, wide: boolean, { floats }: Workplace['engine'], alloc: Workplace['alloc']): number {
  const at = alloc(8);
  if (wide) new Float64Array(floats.buffer, at, 1)[0] = x;
  else floats[at / 4] = x;
  return at;
}

const isInKernels = ({ storage }: View) => (storage as CpuStorage).pointer >= 0;

/** An array of this shape as rows as long as can be, for operands with these strides. */
function inRows(shape: readonly number[], strides: readonly (readonly number[])[]): Rows {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const goesOn = sizes.length > 0 && strides.every((one, i) => steps[i].at(-1) === one[axis] * size);
    if (goesOn) sizes[sizes.length - 1] *= size;
    else sizes.push(size);
    for (const [i, one] of strides.entries()) {
      if (goesOn) steps[i].pop();
      steps[i].push(one[axis]);
    }
  }
  const length = sizes.pop() ?? 1;
  return { length, operands: steps.map((own) => ({ step: own.pop() ?? 1, outer: axes(sizes, own) })) };
}

/** Axes that go on from one another, both reduced or both not, as one. */
function merge<T extends { readonly axis: Axis; readonly reduced: boolean }>(list: readonly T[]) {
  const merged: { axis: Axis; reduced: boolean }[] = [];
  for (const { axis, reduced } of list) {
    const before = merged.at(-1);
    const [size, stride] = axis;
    if (before && before.reduced === reduced && before.axis[1] === stride * size) {
      merged[merged.length - 1] = { axis: [before.axis[0] * size, stride], reduced };
    } else merged.push({ axis, reduced });
  }
  return merged;
}
