export * from './activation';
export * from './conv';
export * from './linear';
export * from './loss';
export * from './math';
export * from './pooling';
export * from './reduce';
export * from './regularize';
export * from './shape';
export { Add, add, AsType, astype, BroadcastTo, broadcastTo, Div, div, Mul, mul, Neg, neg, Pow, pow, Sub, sub, SumTo, sumTo } from '../core'; // prettier-ignore
