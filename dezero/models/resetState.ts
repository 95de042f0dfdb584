import { layersOf, Recurrent, type Layer } from '../layers';

/** Before new sequences: every recurrent layer in a model forgets its state. @since 44 */
export function resetState(model: Layer): void {
  for (const [, layer] of layersOf(model)) if (layer instanceof Recurrent) layer.resetState();
}
