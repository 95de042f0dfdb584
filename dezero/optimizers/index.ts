export * from './hooks';
export * from './optimizer';
export * from './rules';
export * from './schedules';
