/**
 * What a device must do.
 *
 * A backend computes on {@link View}s: a piece of its memory read through a shape and strides. Every operation writes its
 * result into `out`, which the caller has allocated (`out` is contiguous unless the operation says otherwise, and shares
 * no memory with the inputs unless it says so). Operations are *enqueued*: they return at once, run in the order of the calls, and a
 * device may still be working when the call returns. Only {@link Backend.download} waits. Shapes and dtypes have been
 * checked above; a backend may rely on them.
 */

/** What one element is. @since 28 */
export type DType = 'float64' | 'float32' | 'int32' | 'bool';

/** Where arrays can live. @since 28 */
export type DeviceName = 'cpu' | 'gpu';

/** Sizes along each axis; `[]` is a single number. @since 28 */
export type Shape = readonly number[];

/** The JavaScript array behind each dtype (bool: one byte an element, 0 or 1). @since 28 */
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A piece of a device's memory. @since 28 */
export interface Storage {
  readonly backend: Backend;
  readonly dtype: DType;
  /** Number of elements. @since 28 */
  readonly length: number;
  /** True once `backend.free` has taken it back. @since 28 */
  freed: boolean;
}

/** A storage read through a shape: element (i, j, …) is at `offset + i·strides[0] + j·strides[1] + …`. @since 28 */
export interface View {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: Shape;
  /** In elements; 0 repeats, negative runs backwards. @since 28 */
  readonly strides: readonly number[];
  readonly offset: number;
}

/** y = f(x), one element at a time. `not` is for bool. @since 28 */
export type UnaryOp =
  | 'neg' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'sqrt' | 'square' | 'abs' | 'sign' | 'sigmoid' | 'relu' | 'floor' | 'not'; // prettier-ignore

/**
 * y = f(a, b), one element at a time. The last three are gradients, from a = gy and from b, what came out: of relu, a where b > 0, else 0; of
 * sigmoid, a·(b·(1 − b)); of tanh, a·(1 − b·b), each rounded after every operation.
 * @since 28
 */
export type ArithmeticOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'gate' | 'sigmoidGradient' | 'tanhGradient'; // prettier-ignore

/** Comparisons; `out` is bool. @since 28 */
export type CompareOp = 'equal' | 'less' | 'lessEqual';

/** Sums and extremes along axes. @since 28 */
export type ReduceOp = 'sum' | 'max' | 'min';

/** A window that slides over pictures: kernel, stride and padding as (rows, columns). @since 28 */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
}

/** A distribution that {@link Backend.random} can draw from. @since 28 */
export type Distribution = 'uniform' | 'normal';

/** By what batch norm brings channels to a common size. @since 48 */
export interface Statistics {
  readonly mean: View;
  readonly variance: View;
  /** Added to the variance. @since 48 */
  readonly eps: number;
  /** True if they are those of x itself, so that a gradient passes through them too. @since 48 */
  readonly ofBatch: boolean;
}

/** Moments (C) of all batches so far: r ← decay·r + (1 − decay)·batch, with the variance over one less than the count. @since 48 */
export interface RunningMoments {
  readonly mean: View;
  readonly variance: View;
  readonly decay: number;
}

/** How an optimizer changes a parameter; `optimizers/` documents each. @since 37 */
export type UpdateRule = 'sgd' | 'momentum' | 'nesterov' | 'adaGrad' | 'adaDelta' | 'rmsProp' | 'adam' | 'adamW';

/** A parameter, and what an optimizer changes it by. All are contiguous. @since 37 */
export interface ParameterUpdate {
  readonly parameter: View;
  readonly grad: View;
  /** What the rule keeps for it. @since 37 */
  readonly state: readonly View[];
  /** The rule's numbers: parameters may differ in their learning rate, or in how their weights decay. @since 37 */
  readonly settings: Readonly<Record<string, number>>;
}

/** The contract. @since 28 */
export interface Backend {
  readonly name: DeviceName;
  /** The dtypes this device can hold. @since 28 */
  readonly dtypes: readonly DType[];

  // Memory ---------------------------------------------------------------------------------------------------------

  /** New memory, contents undefined. `pooled` says that it will be given back with `free`. @since 28 */
  alloc(dtype: DType, length: number, pooled: boolean): Storage;
  /** Takes memory back, to be used again by a later `alloc` once the operations enqueued before have run. @since 28 */
  free(storage: Storage): void;
  /** Memory filled from a typed array of the dtype's own kind. The cpu may adopt `values` without a copy. @since 28 */
  upload(dtype: DType, values: TypedArray): Storage;
  /** The elements of x in order, after everything enqueued before has run. @since 28 */
  download(x: View): Promise<TypedArray>;
  /** The same at once, on devices that can; elsewhere a DeviceError that says to await `to('cpu')`. @since 28 */
  read(x: View): TypedArray;

  // Element by element: inputs are views of out's shape (a broadcast axis has stride 0) or plain numbers ---------------

  /** out = value everywhere. @since 28 */
  fill(value: number, out: View): void;
  /** out = x, converted to out's dtype; both may have any strides. Float to int32 truncates; to bool is x ≠ 0. @since 28 */
  copy(x: View, out: View): void;
  unary(op: UnaryOp, x: View, out: View): void;
  binary(op: ArithmeticOp | CompareOp, a: View | number, b: View | number, out: View): void;
  /** out += x, which may have any strides; out is changed in place. @since 28 */
  accumulate(x: View, out: View): void;
  /** out = mask ? a : b. @since 28 */
  where(mask: View, a: View | number, b: View | number, out: View): void;

  // Along axes -------------------------------------------------------------------------------------------------------

  /** Reduces `axes` of x; out has x's shape with 1 in their place. @since 28 */
  reduce(op: ReduceOp, x: View, axes: readonly number[], out: View): void;
  /** Index of the first largest element along one axis; out is int32 with 1 in its place. @since 28 */
  argMax(x: View, axis: number, out: View): void;
  /** out = x taken at `indices` (int32, one axis, within range) along `axis`. @since 28 */
  gather(x: View, axis: number, indices: View, out: View): void;
  /** out += x added at `indices` along `axis`, repeated ones too: the adjoint of gather. out is written in place. @since 28 */
  scatterAdd(x: View, axis: number, indices: View, out: View): void;

  // Products -----------------------------------------------------------------------------------------------------------

  /** out = a·b (+ bias): (…, M, K)·(…, K, N) with equal leading axes; any strides, so a transpose is free; bias is (N). @since 28 */
  matmul(a: View, b: View, bias: View | null, out: View): void;
  /**
   * y(N,O,OH,OW) = Σ x(N,C,·,·) W(O,C,KH,KW) (+ b(O)), then relu if asked: cross-correlation, the field's "convolution". If W has fewer
   * channels than x, C/groups, then in groups: filters [g·O/groups, (g + 1)·O/groups) see only channels [g·C/groups, (g + 1)·C/groups).
   * The same holds for the adjoints, whose shapes say the number of groups just so: C / W's second size.
   * @since 47
   */
  conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): void;
  /** The adjoint of conv2d in x: gx(N,C,H,W) from gy(N,O,OH,OW) and W(O,C/groups,KH,KW). Also the forward of deconv2d. @since 47 */
  conv2dInput(gy: View, W: View, window: Window2d, out: View): void;
  /** The adjoint of conv2d in W: gW(O,C/groups,KH,KW) from x and gy. @since 47 */
  conv2dWeight(x: View, gy: View, window: Window2d, out: View): void;

  // Windows --------------------------------------------------------------------------------------------------------------

  /** Windows laid out as rows: x(N,C,H,W) → out(N·OH·OW, C·KH·KW), zero outside the picture. @since 46 */
  im2col(x: View, window: Window2d, out: View): void;
  /** The adjoint of im2col: rows added back into out(N,C,H,W). @since 46 */
  col2im(cols: View, window: Window2d, out: View): void;
  /** Largest element of each window (the first where tied), and its place h·W + w in the picture, int32. @since 47 */
  maxPool(x: View, window: Window2d, out: View, places: View): void;
  /** out(N,C,OH,OW) = x(N,C,H,W) read at `places`. @since 47 */
  poolGather(x: View, places: View, out: View): void;
  /** out(N,C,H,W) = Σ gy(N,C,OH,OW) added at `places`: the adjoint of poolGather. Where `window` is given, places lie in those. @since 47 */
  poolScatter(gy: View, places: View, out: View, window?: Window2d): void;
  /** Mean of each window, padding counted as zeros. @since 47 */
  averagePool(x: View, window: Window2d, out: View): void;
  /** The adjoint of averagePool: out(N,C,H,W). @since 47 */
  averagePoolInput(gy: View, window: Window2d, out: View): void;

  // Several operations in one: what training would spend many passes on ---------------------------------------------------

  /** out = eˣ / Σ eˣ along an axis, or its logarithm; the largest is taken off first, so that nothing overflows. @since 48 */
  softmax(x: View, axis: number, log: boolean, out: View): void;
  /** out, one number, = −mean over the rows of ln softmax(x(N,C)) at `labels` (N), int32 and within range. @since 48 */
  crossEntropy(x: View, labels: View, out: View): void;
  /** The gradient of crossEntropy: out(N,C) = gy · (softmax(x) − 1 at the label) / N, gy one number. @since 48 */
  crossEntropyInput(x: View, labels: View, gy: View, out: View): void;
  /** Mean and variance (over their count) of each channel of x(N,C,…); `running` is moved in place. @since 48 */
  moments(x: View, mean: View, variance: View, running: RunningMoments | null): void;
  /** out = γ·(x − mean) / √(variance + eps) + β, channel by channel of x(N,C,…). @since 48 */
  batchNorm(x: View, by: Statistics, gamma: View, beta: View, out: View): void;
  /**
   * The gradients of batchNorm, with n = (x − mean) / √(variance + eps): gβ = Σ gy, gγ = Σ gy·n, gx = γ / √(variance + eps) · (gy − (gβ + n·gγ) / count),
   * where the part in brackets, which passes through the statistics, is left out unless they are `ofBatch`.
   * @since 48
   */
  batchNormGradients(x: View, gy: View, by: Statistics, gamma: View, gx: View, ggamma: View, gbeta: View): void;

  // Randomness and training ------------------------------------------------------------------------------------------------

  /**
   * Philox 4x32-10 numbers of stream `key`, from block `counter` on, four words a block: uniform in [0, 1) or standard
   * normal. See `ndarray/random.ts` for how words become numbers; every device gives the same.
   * @since 28
   */
  random(distribution: Distribution, key: readonly [number, number], counter: number, out: View): void;
  /** One optimizer step, in place: changes each `parameter` and its `state` by `grad` under `settings`. @since 37 */
  update(rule: UpdateRule, members: readonly ParameterUpdate[]): void;
}
