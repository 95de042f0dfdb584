import * as path from 'node:path';

/** The file of the built-in backbone's trained weights. @since 53 */
export function builtInWeights(): string {
  return path.join(__dirname, 'pretrained', 'squeezenetSmall.safetensors');
}
