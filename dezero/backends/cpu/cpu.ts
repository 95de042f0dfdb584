import type { ArithmeticOp, Backend, CompareOp, Distribution, DType, ReduceOp, Storage, TypedArray, UnaryOp, UpdateRule, View, Window2d } from '../backend'; // prettier-ignore
import { PhiloxStream } from '../philox';
import * as reference from './elementwise';
import { kernelMemory } from './memory';
import * as products from './products';
import type { CpuStorage } from './storage';
import { update } from './updates';
import { kernels } from './wasm';

const KINDS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** The processor. The reference operations are plain loops; float32 products run in WebAssembly where it is to be had. @since 28 */
export class CpuBackend implements Backend {
  /** 'cpu'. @since 28 */
  readonly name = 'cpu';
  /** All of them. @since 28 */
  readonly dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];

  /** Pooled memory is a piece of the kernels' memory, so that they need no copy; other memory is an ordinary typed array. @since 28 */
  alloc(dtype: DType, length: number, pooled: boolean): CpuStorage {
    const Kind = KINDS[dtype];
    const pointer = pooled ? kernelMemory.alloc(length * Kind.BYTES_PER_ELEMENT) : null;
    if (pointer === null) return this.wrap(dtype, new Kind(length), -1);
    return this.wrap(dtype, new Kind(kernelMemory.buffer, pointer, length), pointer);
  }

  private wrap(dtype: DType, values: TypedArray, pointer: number): CpuStorage {
    return { backend: this, dtype, length: values.length, freed: false, values, pointer };
  }

  /** See the contract. @since 28 */
  free(storage: Storage): void {
    if (storage.freed) return;
    storage.freed = true;
    const { pointer } = storage as CpuStorage;
    if (pointer >= 0) kernelMemory.free(pointer);
  }

  /** See the contract. @since 28 */
  upload(dtype: DType, values: TypedArray): CpuStorage {
    return this.wrap(dtype, values, -1);
  }

  /** See the contract. @since 28 */
  async download(x: View): Promise<TypedArray> {
    return this.read(x);
  }

  /** See the contract. @since 28 */
  read(x: View): TypedArray {
    return reference.dense(x);
  }

  /** See the contract. @since 28 */
  fill(value: number, out: View): void {
    reference.dense(out).fill(value);
  }

  /** See the contract. @since 28 */
  copy(x: View, out: View): void {
    reference.copy(x, out);
  }

  /** See the contract. @since 28 */
  unary(op: UnaryOp, x: View, out: View): void {
    reference.unary(op, x, out);
  }

  /** See the contract. @since 28 */
  binary(op: ArithmeticOp | CompareOp, a: View | number, b: View | number, out: View): void {
    reference.binary(op, a, b, out);
  }

  /** See the contract. @since 28 */
  where(mask: View, a: View | number, b: View | number, out: View): void {
    reference.where(mask, a, b, out);
  }

  /** See the contract. @since 28 */
  reduce(op: ReduceOp, x: View, axes: readonly number[], out: View): void {
    reference.reduce(op, x, axes, out);
  }

  /** See the contract. @since 28 */
  argMax(x: View, axis: number, out: View): void {
    reference.argMax(x, axis, out);
  }

  /** See the contract. @since 28 */
  gather(x: View, axis: number, indices: View, out: View): void {
    reference.gather(x, axis, indices, out);
  }

  /** See the contract. @since 28 */
  scatterAdd(x: View, axis: number, indices: View, out: View): void {
    reference.scatterAdd(x, axis, indices, out);
  }

  /** See the contract. @since 28 */
  matmul(a: View, b: View, bias: View | null, out: View): void {
    if (!kernels.matmul(a, b, bias, out)) products.matmul(a, b, bias, out);
  }

  /** See the contract. @since 47 */
  conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): void {
    if (!kernels.conv2d(x, W, b, window, relu, out)) products.conv2d(x, W, b, window, relu, out);
  }

  /** See the contract. @since 47 */
  conv2dInput(gy: View, W: View, window: Window2d, out: View): void {
    if (!kernels.conv2dInput(gy, W, window, out)) products.conv2dInput(gy, W, window, out);
  }

  /** See the contract. @since 47 */
  conv2dWeight(x: View, gy: View, window: Window2d, out: View): void {
    if (!kernels.conv2dWeight(x, gy, window, out)) products.conv2dWeight(x, gy, window, out);
  }

  /** See the contract. @since 46 */
  im2col(x: View, window: Window2d, out: View): void {
    products.im2col(x, window, out);
  }

  /** See the contract. @since 46 */
  col2im(cols: View, window: Window2d, out: View): void {
    products.col2im(cols, window, out);
  }

  /** See the contract. @since 47 */
  maxPool(x: View, window: Window2d, out: View, places: View): void {
    products.maxPool(x, window, out, places);
  }

  /** See the contract. @since 47 */
  poolGather(x: View, places: View, out: View): void {
    products.poolGather(x, places, out);
  }

  /** See the contract. @since 47 */
  poolScatter(gy: View, places: View, out: View): void {
    products.poolScatter(gy, places, out);
  }

  /** See the contract. @since 47 */
  averagePool(x: View, window: Window2d, out: View): void {
    products.averagePool(x, window, out);
  }

  /** See the contract. @since 47 */
  averagePoolInput(gy: View, window: Window2d, out: View): void {
    products.averagePoolInput(gy, window, out);
  }

  /** See the contract. @since 28 */
  random(distribution: Distribution, key: readonly [number, number], counter: number, out: View): void {
    const stream = new PhiloxStream(key, counter);
    const y = reference.dense(out);
    const uniform = () => (y instanceof Float64Array ? stream.uniform64() : stream.uniform32());
    for (let i = 0; i < y.length; i++) {
      // Box and Muller, 1958: 1 − u is never 0, so the logarithm is finite.
      y[i] =
        distribution === 'uniform'
          ? uniform()
          : Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    }
  }

  /** See the contract. @since 37 */
  update(
    rule: UpdateRule,
    parameter: View,
    grad: View,
    state: readonly View[],
    settings: Readonly<Record<string, number>>,
  ): void {
    update(rule, parameter, grad, state, settings);
  }
}
