export * from './conv';
export * from './initial';
export * from './layer';
export * from './linear';
export * from './regularize';
export * from './sequential';
