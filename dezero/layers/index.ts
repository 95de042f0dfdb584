export * from './conv';
export * from './initial';
export * from './lambda';
export * from './layer';
export * from './linear';
export * from './recurrent';
export * from './regularize';
export * from './untouched';
