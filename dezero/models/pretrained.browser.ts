/** The address of the built-in backbone's trained weights, which the page's server must offer. @since 53 */
export function builtInWeights(): string {
  return 'pretrained/squeezenetSmall.safetensors';
}
