/** DeZero: deep learning from zero. Functions, layers, models, … have entries of their own: `dezero/functions`, `dezero/layers`. */
export * from './core';
export { add, sub, mul, div, neg, pow, square, exp } from './functions';
export { Layer, Linear, Sequential } from './layers';
export { Model } from './models/model';
export {
  array, arange, DataError, defaultGenerator, DeviceError, DTypeError, FreedError, full, Generator, GraphError, hasDevice, keep,
  memoryScope, NDArray, ones, rand, randn, setDevice, setSeed, ShapeError, ValueError, zeros, type DeviceName, type DType, type Shape,
} from './ndarray'; // prettier-ignore
