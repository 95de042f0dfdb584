import { Parameter, Variable, withGrad } from '../core';
import { loadTensors, saveTensors, type TensorFile } from '../io';
import { fieldsOf, Layer, Linear, untouched } from '../layers';
import { copy, DataError, formatShape, goAlong, NDArray, sameShape, ValueError, type Shape } from '../ndarray';
import type { Optimizer } from '../optimizers';
import { plotDotGraph, type PlotDotGraphOptions } from '../utils/graphviz';
import { inputOf, summarize, type Input } from './summary';

/** What `load` may leave out, and what it fills beside the model. @since 49 */
export interface LoadOptions {
  /** Layers or parameters, by path, that keep what they have: a head of another size. @since 49 */
  readonly skip?: readonly string[];
  /** An optimizer, set up on this model, that takes its state from the file. @since 49 */
  readonly optimizer?: Optimizer;
}

/** What `save` writes beside the model. @since 49 */
export interface SaveOptions {
  /** An optimizer whose state is to be saved. @since 49 */
  readonly optimizer?: Optimizer;
  /** Short texts to keep with the arrays (safetensors only). @since 49 */
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Slot {
  readonly shape: Shape | null;
  readonly transposed: boolean;
  put(array: NDArray): void;
}

const OPTIMIZER = 'optimizer.';

/**
 * A layer that is a whole network: it can be drawn, summed up, saved and loaded.
 * @example
 * class TwoLayers extends M.Model {
 *   readonly l1 = new L.Linear(10);
 *   readonly l2 = new L.Linear(1);
 *   override forward(x: Operand): Variable {
 *     return this.l2.call(F.sigmoid(this.l1.call(x)));
 *   }
 * }
 * const model = new TwoLayers();
 * model.call(variable([[1, 2, 3]])).shape; // → [ 1, 1 ]
 * @since 36
 */
export abstract class Model extends Layer {
  /**
   * Its layers as a table, to be printed: path, class, output, parameters and multiply-adds, with their totals. Takes what `call` takes, or
   * shapes: `model.summary([1, 3, 224, 224])`. Changes nothing: a layer that has not seen its inputs yet will still draw the same weights.
   * @example
   * new M.MLP([100, 10]).summary([1, 784]);
   * // → layer     class   output    parameters  multiply-adds
   * //   -----------------------------------------------------
   * //   (model)   MLP     (1, 10)
   * //   layers.0  Linear  (1, 100)      78,500         78,400
   * //   layers.1  Linear  (1, 10)        1,010          1,000
   * //   -----------------------------------------------------
   * //   total                           79,510         79,400
   * //   318 kB of parameters, 440 B of outputs
   * @since 36
   */
  summary(...inputs: Input[]): string {
    return summarize(this, inputs);
  }

  /**
   * Draws the graph of the model's output for an input (or a shape of one), its parameters named by their paths. Options are those of
   * `plotDotGraph`: `{ to, verbose }`. Like `summary` it changes nothing. Returns the file.
   * @example
   * const model = new M.MLP([10, 1]);
   * await model.plot([1, 3], { to: 'out/mlp.svg' }); // → out/mlp.svg
   * @since 36
   */
  async plot(x: Input, options: PlotDotGraphOptions = {}): Promise<string> {
    const input = inputOf(this, x);
    const { y, named } = untouched(this, () => ({
      y: withGrad(true, () => this.call(new Variable(input.data, input.name ?? 'x'))),
      named: [...this.parameters()],
    }));
    y.name ??= 'y';
    const names = named.map(([, parameter]) => parameter.name);
    for (const [path, parameter] of named) parameter.name = path;
    try {
      return await plotDotGraph(y, options);
    } finally {
      named.forEach(([, parameter], i) => (parameter.name = names[i] ?? null));
    }
  }

  /** The name a parameter has in PyTorch's files, where it is not its path. @since 49 */
  torchName(path: string): string {
    return path;
  }

  /** What each path takes from a file. */
  private slots(fromTorch: boolean): Map<string, Slot> {
    const slots = new Map<string, Slot>();
    for (const [path, owner, key] of fieldsOf(this)) {
      const value = owner[key];
      const name = fromTorch ? this.torchName(path) : path;
      const transposed = fromTorch && (owner as object) instanceof Linear && key === 'weight'; // PyTorch keeps W as (out, in)
      if (value instanceof Parameter) {
        const { dtype, device } = value;
        slots.set(name, {
          shape: value.ready ? value.shape : null,
          transposed,
          put: (x) => (value.data = goAlong(x.astype(dtype), device)),
        });
      } else if (value instanceof NDArray) {
        slots.set(name, {
          shape: value.shape,
          transposed,
          put: (x) => (owner[key] = goAlong(x.astype(value.dtype), value.device)),
        });
      }
    }
    return slots;
  }

  /**
   * Takes parameters and buffers from a .safetensors, .npz or .pth file, told apart by content. Strict: what is missing, unexpected or of
   * another shape stops it, all listed at once, and nothing is changed. Returns the file's metadata.
   * @throws DataError that lists what does not fit.
   * @example
   * const saved = new M.MLP([10, 1]);
   * const y = saved.call(variable([[1, 2, 3]]));
   * await saved.save('model.safetensors');
   * const model = new M.MLP([10, 1]);
   * await model.load('model.safetensors');
   * model.call(variable([[1, 2, 3]])).item() === y.item(); // → true
   * @since 49
   */
  async load(file: string, { skip = [], optimizer }: LoadOptions = {}): Promise<Readonly<Record<string, string>>> {
    const { tensors, metadata } = await loadTensors(file);
    const slots = this.slots(isTorch({ tensors, metadata }));
    const skipped = (name: string) => skip.some((path) => name === path || name.startsWith(`${path}.`));
    for (const path of skip) {
      if (![...slots.keys()].some((name) => name === path || name.startsWith(`${path}.`))) {
        throw new ValueError(`load: skip names '${path}', and this model has no such layer`);
      }
    }
    const complaints: string[] = [];
    const puts: (() => void)[] = [];
    for (const [name, slot] of slots) {
      if (skipped(name)) continue;
      const found = tensors.get(name);
      if (!found) complaints.push(`missing ${name}`);
      else {
        const x = slot.transposed ? found.transpose() : found;
        if (slot.shape && !sameShape(slot.shape, x.shape)) {
          complaints.push(`${name} has shape ${formatShape(x.shape)}, the model needs ${formatShape(slot.shape)}`);
        }
        puts.push(() => slot.put(copy(x)));
      }
    }
    const state = new Map<string, NDArray>();
    for (const [name, x] of tensors) {
      if (name.startsWith(OPTIMIZER)) state.set(name.slice(OPTIMIZER.length), x);
      else if (!slots.has(name) && !skipped(name) && !name.endsWith('num_batches_tracked'))
        complaints.push(`unexpected ${name}`);
    }
    if (complaints.length > 0) {
      throw new DataError(`${file} does not fit ${this.constructor.name}: ${complaints.join('; ')}`);
    }
    if (optimizer && state.size === 0) throw new DataError(`${file} holds no optimizer state to go on from`);
    for (const put of puts) put();
    optimizer?.restore(state);
    return metadata;
  }

  /**
   * Writes parameters and buffers under their paths, as .safetensors (or .npz by the file's name). The old file stays until the new one is whole.
   * @example
   * const model = new M.MLP([10, 1]);
   * model.call(variable([[1, 2, 3]])); // before its first call it has no weights
   * await model.save('model.safetensors');
   * await exists('model.safetensors'); // → true
   * @since 49
   */
  async save(file: string, { optimizer, metadata = {} }: SaveOptions = {}): Promise<void> {
    const arrays = new Map<string, NDArray>();
    for (const [path, parameter] of this.parameters()) {
      if (!parameter.ready)
        throw new ValueError(`save: ${path} has no value yet; call the model once, or give its layer { in }`);
      arrays.set(path, parameter.data);
    }
    for (const [path, buffer] of this.buffers()) arrays.set(path, buffer);
    for (const [name, array] of optimizer?.state() ?? []) arrays.set(OPTIMIZER + name, array);
    const tensors = new Map<string, NDArray>();
    for (const [name, array] of arrays) tensors.set(name, await array.to('cpu'));
    await saveTensors(file, tensors, { ...metadata, format: 'dezero', model: this.constructor.name });
  }
}

function isTorch({ metadata }: TensorFile): boolean {
  return metadata['format'] === 'pt';
}
