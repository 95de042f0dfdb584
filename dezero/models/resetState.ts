import { layersOf, Recurrent, type Layer } from '../layers';

/**
 * Before new sequences: every recurrent layer in a model forgets its state.
 * @example
 * const model = new M.Sequential(new L.RNN(8), new L.Linear(1));
 * model.call(variable([[0.5]]));
 * M.resetState(model); // the next call begins a new sequence
 * const [rnn] = model;
 * rnn instanceof L.RNN && rnn.state; // → null
 * @since 44
 */
export function resetState(model: Layer): void {
  for (const [, layer] of layersOf(model)) if (layer instanceof Recurrent) layer.resetState();
}
