/** The package's `#assets` in the playground. */

/** Begins the names of files that are part of the package. */
export const ASSET = 'dezero:';

export function assetPath(name: string): string {
  return ASSET + name;
}
