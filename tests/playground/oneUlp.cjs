// Loaded before a step: the functions of Math give the number next to the one that they would give, as another engine's might. What a
// program prints that changes with it hangs on the last bit, and no two engines need agree on it.
let state = Number(globalThis.process.env.ONE_ULP);
const number = new Float64Array(1);
const bits = new BigInt64Array(number.buffer);
for (const name of ['exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'sin', 'cos', 'tan', 'sinh', 'cosh', 'tanh', 'pow', 'cbrt']) {
  const f = Math[name];
  Math[name] = (...values) => {
    const y = f(...values);
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (!Number.isFinite(y) || Number.isInteger(y)) return y;
    number[0] = y;
    bits[0] += BigInt((state >>> 16) % 3) - 1n;
    return number[0];
  };
} // prettier-ignore
