import type { Variable } from '../core';
import { Parameter, type Operand } from '../core';
import { NDArray, ValueError, type DeviceName } from '../ndarray';

/**
 * A part of a network that owns its parameters. Assign parameters, layers and lists of layers to its fields; it finds them there.
 * @example
 * class Scale extends L.Layer {
 *   readonly factor = new Parameter([2, 3]);
 *   override forward(x: Operand): Variable {
 *     return F.mul(x, this.factor);
 *   }
 * }
 * const layer = new Scale();
 * layer.call(variable([10, 10])); // → variable([20 30])
 * [...layer.parameters()].map(([path]) => path); // → [ 'factor' ]
 * @since 35
 */
export abstract class Layer {
  /** Outputs from inputs. @since 35 */
  abstract forward(...xs: Operand[]): Variable;

  /** Runs the layer. @since 35 */
  call(...xs: Operand[]): Variable {
    return this.forward(...xs);
  }

  /**
   * What it owns, in the order made, by path: `['features.3.squeeze.weight', Parameter]`; a shared one once.
   * @example
   * const layer = new L.Linear(2, { in: 3 });
   * [...layer.parameters()].map(([path, { shape }]) => [path, shape]);
   * // → [ [ 'weight', [ 3, 2 ] ], [ 'bias', [ 2 ] ] ]
   * @since 35
   */
  *parameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [path, owner, key] of fieldsOf(this)) {
      const value = owner[key];
      if (!(value instanceof Parameter) || seen.has(value)) continue;
      seen.add(value);
      yield [path, value];
    }
  }

  /** Arrays that are saved, loaded and moved like parameters, but not trained: a batch norm's running mean. @since 43 */
  *buffers(): Generator<[string, NDArray]> {
    for (const [path, owner, key] of fieldsOf(this)) {
      const value = owner[key];
      if (value instanceof NDArray) yield [path, value];
    }
  }

  /** How many multiply-adds it took itself (layers in it not counted) to make y of x: what a summary adds up. @since 36 */
  multiplyAdds(_x: Variable, _y: Variable): number {
    return 0;
  }

  /** Forgets all gradients. @since 35 */
  clearGrads(): void {
    for (const [, parameter] of this.parameters()) parameter.clearGrad();
  }

  /** Where its parameters lie: where the first of them does. @since 48 */
  get device(): DeviceName {
    for (const [, { device }] of this.parameters()) return device;
    return 'cpu';
  }

  /** Moves parameters and buffers to a device. To the cpu it must be awaited. @since 48 */
  to(device: 'gpu'): this;
  to(device: 'cpu'): Promise<this>;
  to(device: DeviceName): this | Promise<this>;
  to(device: DeviceName): this | Promise<this> {
    const waits: Promise<void>[] = [];
    const move = (x: NDArray, put: (moved: NDArray) => void) => {
      const moved = x.dtype === 'float64' && device === 'gpu' ? x.astype('float32').to(device) : x.to(device);
      if (moved instanceof NDArray) put(moved);
      else waits.push(moved.then(put));
    };
    for (const [, parameter] of this.parameters()) {
      parameter.clearGrad();
      if (parameter.ready) move(parameter.data, (moved) => (parameter.data = moved));
    }
    for (const [, owner, key] of fieldsOf(this)) {
      const value = owner[key];
      if (value instanceof NDArray) move(value, (moved) => (owner[key] = moved));
    }
    return device === 'cpu' ? Promise.all(waits).then(() => this) : this;
  }

  /** Whether its parameters are trained: false freezes all, or those whose path begins with one of `paths`. @since 52 */
  setRequiresGrad(requires: boolean, paths: readonly string[] = ['']): void {
    for (const path of paths) {
      const chosen = [...this.parameters()].filter(
        ([name]) => path === '' || name === path || name.startsWith(`${path}.`),
      );
      if (chosen.length === 0)
        throw new ValueError(`no parameter lies under '${path}'; the layers are ${layerNames(this).join(', ')}`);
      for (const [, parameter] of chosen) parameter.requiresGrad = requires;
    }
  }
}

type Fields = Record<string, unknown>;

/**
 * Each field of a layer and of the layers in it: its path, the object that has it, and its key there.
 * @example
 * [...L.fieldsOf(new L.Linear(2))].map(([path]) => path);
 * // → [ 'out', 'weight', 'bias' ]
 * @since 35
 */
export function* fieldsOf(
  owner: object,
  prefix = '',
  around: readonly object[] = [],
): Generator<[string, Fields, string]> {
  if (around.includes(owner)) return; // a layer that points back to what holds it
  const fields = owner as Fields;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const path = prefix + key;
    if (holdsFields(value)) yield* fieldsOf(value, `${path}.`, [...around, owner]);
    else yield [path, fields, key];
  }
}

/**
 * A layer and the layers in it, in the order made, by path (its own is ''); a shared one once.
 * @example
 * const model = new M.MLP([10, 1]);
 * [...L.layersOf(model)].map(([path]) => path);
 * // → [ '', 'layers.0', 'layers.1' ]
 * @since 36
 */
export function* layersOf(owner: object, path = '', seen = new Set<object>()): Generator<[string, Layer]> {
  if (seen.has(owner)) return;
  seen.add(owner);
  if (owner instanceof Layer) yield [path, owner];
  for (const [key, value] of Object.entries(owner)) {
    if (holdsFields(value)) yield* layersOf(value, path === '' ? key : `${path}.${key}`, seen);
  }
}

/** Layers, lists and plain objects are looked into. */
function holdsFields(value: unknown): value is object {
  if (value instanceof Layer || Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function layerNames(layer: Layer): string[] {
  return [...new Set([...layer.parameters()].map(([path]) => path.split('.').slice(0, -1).join('.')))];
}
