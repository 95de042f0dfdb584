export * from './dataloader';
export * from './dataset';
export * from './imageFolder';
export { creatureKinds, drawCreature, type CreatureKind } from './creatures';
export * from './drawn';
export * from './photo';
export * from './photosAndWeights';
export { CenterCrop, imagenetEval, imagenetMean, imagenetStd, Resize, ToArray } from './photoTransforms';
export type { Box, Geometry, Picture } from './picture';
export {
  ColorJitter,
  imagenetTrain,
  RandomHorizontalFlip,
  RandomResizedCrop,
  type JitterOptions,
  type Range,
} from './randomTransforms';
export { Compose, Normalize, sampleGenerator, transformSample, type Transform } from './transform';
export { decodeImage, encodePng } from '#image';
export { imagenetClasses } from './imagenetClasses';
export * from './mnist';
export * from './samples';
export * from './sequences';
export * from './spiral';
export { trainedKinds } from './trainedKinds';
export { toPicture, type ToPictureOptions } from './toPicture';
