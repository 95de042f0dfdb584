import { functionsBehind, type Variable } from '../core';
import { DeviceError, formatShape, ValueError } from '../ndarray';

/**
 * A variable as it is, if all its elements are finite; else an error that names the first operation on the way to it that made NaN or
 * an infinity, and what went in: `checkFinite(loss).backward()`.
 * @throws ValueError naming the operation, or the leaf that was not finite to begin with; DeviceError for arrays on the gpu, as they cannot be looked at.
 * @example
 * // as it is: there is no NaN, and no infinity
 * checkFinite(F.square(variable([1, 2])));
 * // → variable([1 4])
 * @since 37
 */
export function checkFinite(y: Variable): Variable {
  if (y.data.device !== 'cpu') {
    throw new DeviceError(
      "checkFinite looks at every number on the way to the loss, and these lie on the gpu: do the same step after `setDevice('cpu')` and `model.to('cpu')`, with the same seed, and check there",
    );
  }
  if (!notFinite(y)) return y;
  for (const f of functionsBehind(y).reverse()) {
    const leaf = f.inputs.find((x) => !x.creator && notFinite(x));
    if (leaf) throw new ValueError(`checkFinite: ${nameOf(leaf)}, which goes into ${f.name}, is ${notFinite(leaf)}`);
    for (const output of f.outputs) {
      const found = notFinite(output);
      if (!found) continue;
      const inputs = f.inputs.map((x) => `${nameOf(x)} from ${extreme(x, -1)} to ${extreme(x, 1)}`).join(', ');
      throw new ValueError(`checkFinite: ${f.name} is the first to make ${found}, of ${inputs}`);
    }
  }
  throw new ValueError(`checkFinite: ${nameOf(y)} is ${notFinite(y)}, and nothing says what it was computed from`);
}

/** The first element that is not finite, and its place, in words; null if there is none. */
function notFinite(x: Variable): string | null {
  const { values } = x;
  const at = values.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? null : `${values[at]} (element ${at} of ${values.length})`;
}

function extreme(x: Variable, sign: 1 | -1): string {
  let most = sign * -Infinity;
  for (const value of x.values) if (sign * value > sign * most) most = value;
  return String(Number(most.toPrecision(4)));
}

function nameOf(x: Variable): string {
  return x.name ? `'${x.name}'` : formatShape(x.shape);
}
