import { withTraining } from '../core';
import { withoutDrawing } from '../ndarray';
import { fieldsOf, type Layer } from './layer';

/** What a layer holds and running it would change: it says what takes its place meanwhile. */
interface Changing {
  standIn(): unknown;
}

function isChanging(value: unknown): value is Changing {
  return typeof value === 'object' && value !== null && 'standIn' in value && typeof value.standIn === 'function';
}

/**
 * Runs f, which may run a layer, as in use, and leaves the layer as it was: parameters that wait for their shape wait again, states
 * carried from call to call and random generators are where they were.
 * @example
 * const layer = new L.Linear(2);
 * L.untouched(layer, () => layer.call(variable([[1, 2, 3]])).shape);
 * // → [ 1, 2 ]
 * layer.weight.ready; // as if it had not been called
 * // → false
 * @since 36
 */
export function untouched<T>(layer: Layer, f: () => T): T {
  const before = [...fieldsOf(layer)].map(([, owner, key]) => ({ owner, key, value: owner[key] }));
  const standIns = new Map<unknown, unknown>(); // what is shared stays shared
  for (const { owner, key, value } of before) {
    if (!isChanging(value)) continue;
    if (!standIns.has(value)) standIns.set(value, value.standIn());
    owner[key] = standIns.get(value);
  }
  try {
    return withoutDrawing(() => withTraining(false, f));
  } finally {
    for (const { owner, key, value } of before) if (owner[key] !== value) owner[key] = value;
  }
}
