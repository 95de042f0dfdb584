import { noGrad, Variable, type Operand } from '../core';
import { Lambda, layersOf, untouched, type Layer } from '../layers';
import { formatShape, full, ValueError, type DType, type Shape } from '../ndarray';

/** What a model is shown to look at it: an input, or the shape of one. @since 36 */
export type Input = Operand | Shape;

const BYTES: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };

interface Row {
  readonly path: string;
  readonly kind: string;
  calls: number;
  output: string | null;
  outputBytes: number;
  parameters: number;
  waits: boolean; // for a call that tells the shape of a parameter
  multiplyAdds: number;
}

/**
 * An input as it is; zeros where a shape is given, of the model's dtype and on its device.
 * @example
 * M.inputOf(new M.MLP([1]), [1, 3]).shape; // → [ 1, 3 ]
 * @since 36
 */
export function inputOf(model: Layer, input: Input): Variable {
  if (input instanceof Variable) return input;
  if (typeof input === 'number' || !isShape(input)) return new Variable(input);
  const like = [...model.parameters()].map(([, parameter]) => parameter).find((parameter) => parameter.ready);
  return new Variable(full(input, 0, like ? { dtype: like.dtype, device: like.device } : { dtype: 'float32' }));
}

function isShape(input: object): input is Shape {
  return Array.isArray(input);
}

/**
 * A table of a model's layers: path, class, shape of the output, parameters and multiply-adds of their own (layers inside have their own
 * rows, so that a column adds up), measured by one run that records no graph and changes nothing. `x3` stands after the output of what was
 * called three times, `?` where a layer was not called and so has yet to learn a shape. The bytes of outputs are those of the innermost layers.
 * @throws ValueError if there is no input.
 * @example
 * M.summarize(new M.MLP([1]), [[1, 3]]);
 * // → layer     class   output  parameters  multiply-adds
 * //   ---------------------------------------------------
 * //   (model)   MLP     (1, 1)
 * //   layers.0  Linear  (1, 1)           4              3
 * //   ---------------------------------------------------
 * //   total                              4              3
 * //   16 B of parameters, 4 B of outputs
 * @since 36
 */
export function summarize(model: Layer, inputs: readonly Input[]): string {
  if (inputs.length === 0) throw new ValueError('summary: show it an input, or the shape of one: summary([1, 10])');
  const xs = inputs.map((input) => inputOf(model, input));
  return untouched(model, () => {
    const rows = new Map([...layersOf(model)].map(([path, layer]) => [layer, rowFor(path, layer)] as const));
    const watched = [...rows].map(([layer, row]) => watch(layer, row));
    try {
      noGrad(() => model.call(...xs));
    } finally {
      for (const stop of watched) stop();
    }
    let bytes = 0;
    for (const [path, { size, dtype, ready }] of model.parameters()) {
      const row = ownerOf(path, [...rows.values()]);
      if (!ready) row.waits = true;
      row.parameters += size;
      bytes += size * BYTES[dtype];
    }
    const innermost = [...rows].filter(([layer]) => [...layersOf(layer)].length === 1);
    const outputs = sum(innermost.map(([, row]) => row.outputBytes));
    return textOf([...rows.values()], `${bytesText(bytes)} of parameters, ${bytesText(outputs)} of outputs`);
  });
}

function rowFor(path: string, layer: Layer): Row {
  const kind = layer instanceof Lambda ? layer.f.name || 'function' : layer.constructor.name;
  return { path, kind, calls: 0, output: null, outputBytes: 0, parameters: 0, waits: false, multiplyAdds: 0 };
}

/** Notes what a layer's calls give, until the function returned is called. */
function watch(layer: Layer, row: Row): () => void {
  const before = Object.getOwnPropertyDescriptor(layer, 'call');
  const call = layer.call.bind(layer);
  const noting = (...xs: Operand[]): Variable => {
    const y = call(...xs);
    const x = xs[0] instanceof Variable ? xs[0] : new Variable(xs[0] ?? 0);
    row.calls++;
    row.output = formatShape(y.shape);
    row.outputBytes += y.size * BYTES[y.dtype];
    row.multiplyAdds += layer.multiplyAdds(x, y);
    return y;
  };
  // not enumerable: a layer's fields stay what they are
  Object.defineProperty(layer, 'call', { value: noting, configurable: true, enumerable: false });
  return () => {
    if (before) Object.defineProperty(layer, 'call', before);
    else Reflect.deleteProperty(layer, 'call');
  };
}

/** The innermost layer that a parameter's path goes through. */
function ownerOf(parameter: string, rows: readonly Row[]): Row {
  const around = rows.filter(({ path }) => path === '' || parameter.startsWith(`${path}.`));
  return around.reduce((inner, row) => (row.path.length > inner.path.length ? row : inner));
}

function textOf(rows: readonly Row[], sizes: string): string {
  const head = ['layer', 'class', 'output', 'parameters', 'multiply-adds'];
  const body = rows.map(({ path, kind, calls, output, parameters, waits, multiplyAdds }) => [
    path || '(model)',
    kind,
    output ? output + (calls > 1 ? ` x${calls}` : '') : 'not called',
    countText(parameters, waits),
    countText(multiplyAdds),
  ]);
  const foot = [
    'total',
    '',
    '',
    countText(sum(rows.map((row) => row.parameters)), rows.some((row) => row.waits)),
    countText(sum(rows.map((row) => row.multiplyAdds))),
  ]; // prettier-ignore
  const widths = head.map((_, i) => Math.max(...[head, ...body, foot].map((line) => (line[i] ?? '').length)));
  const write = (line: readonly string[]) =>
    line.map((word, i) => (i < 3 ? word.padEnd(widths[i] ?? 0) : word.padStart(widths[i] ?? 0))).join('  ').trimEnd(); // prettier-ignore
  const rule = '-'.repeat(sum(widths) + 2 * (widths.length - 1));
  return [write(head), rule, ...body.map(write), rule, write(foot), sizes].join('\n');
}

function countText(n: number, more = false): string {
  if (more) return `${n.toLocaleString('en')} + ?`;
  return n === 0 ? '' : n.toLocaleString('en');
}

function bytesText(bytes: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(bytes) / 3)));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 100 ? value.toFixed(1) : value.toFixed(0)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
