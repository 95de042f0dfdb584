import * as path from 'node:path';

/**
 * Where a file lies that is part of the package, from its place in it: 'data/digits.gz'.
 * @example
 * await exists(assetPath('data/digits/digits.gz')); // → true
 * @since 41
 */
export function assetPath(name: string): string {
  return path.join(__dirname, '..', ...name.split('/'));
}
