/** DeZero: deep learning from zero. Functions, layers, models, … have entries of their own: `dezero/functions`, `dezero/layers`. */
export * from './core';
export { add, sub, mul, div, neg, pow, square, exp } from './functions';
export { Layer, Linear } from './layers';
export { Model } from './models/model';
export { Sequential } from './models/sequential';
export {
  array, arange, DataError, defaultGenerator, DeviceError, DTypeError, FreedError, full, Generator, GraphError, hasDevice, keep,
  memoryInfo, memoryScope, NDArray, ones, rand, randn, setDevice, setSeed, setThreads, ShapeError, ValueError, zeros, type DeviceName, type DeviceOptions, type DType, type MemoryInfo, type Shape,
} from './ndarray'; // prettier-ignore
/** Operations on arrays, without gradients: `nd.matmul(a, b)`, `nd.sum(a, { axis: 0 })`, … @since 28 */
export * as nd from './ndarray/ops';
