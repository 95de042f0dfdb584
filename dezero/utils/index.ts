export { onInterrupt, parseFineTuneOptions, UsageError, type FineTuneOptions } from '#cli';
export { Progress } from '#progress';
export { runMain } from '#run';
export { pictureSheet } from '#sheet';
export { svgToPng } from '#svg';
export * from './gradientCheck';
export * from './plot';
