export * from './dataloader';
export * from './dataset';
export * from './imageFolder';
export * from './photo';
export * from './photoTransforms';
export type { Box, Geometry, Picture } from './picture';
export * from './randomTransforms';
export { Compose, Normalize, sampleGenerator, transformSample, type Transform } from './transform';
export { decodeImage, encodePng } from '#image';
