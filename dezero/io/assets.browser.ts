/** The address of a file that is part of the package, which the page's server must offer under the same name. @since 41 */
export function assetPath(name: string): string {
  return name;
}
