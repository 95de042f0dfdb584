export * from './hooks';
export * from './lossScaler';
export * from './optimizer';
export * from './rules';
export * from './schedules';
