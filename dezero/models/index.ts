export * from './model';
export * from './squeezenet';
export * from './trainer';
export * from './antsAndBees';
export * from './report';
export { builtInWeights } from '#pretrained';
export * from './predict';
export * from './reporter';
