import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { array, main, matmul, NDArray, reordered, ShapeError, threeLoops, tiled } from '../steps/step23';
import { captured } from './captured';

const kernels = { threeLoops, reordered, tiled };
const elements = (x: NDArray) => Array.from(x.values);

/** Whole numbers, so that no order of adding rounds. */
const numbers = (length: number, seed: number) => Float64Array.from({ length }, (_, i) => ((i * 37 + seed) % 19) - 9);

/** y(i, j) = Σ a(i, k) · b(k, j), as the definition says it. */
function byDefinition(a: Float64Array, b: Float64Array, M: number, K: number, N: number): number[] {
  return Array.from({ length: M * N }, (_, at) => {
    const [i, j] = [Math.floor(at / N), at % N];
    return Array.from({ length: K }, (_, k) => (a[i * K + k] ?? NaN) * (b[k * N + j] ?? NaN)).reduce(
      (x, y) => x + y,
      0,
    );
  });
}

test('the step draws how fast each way is', async () => {
  const start = Date.now() - 1000; // file systems count coarsely
  const lines = await captured(main);
  const speeds = new Map<string, number>();
  for (const line of lines) {
    const [, way, gflops] = /^ {2}([a-z ]+?) +~(\d+\.\d+)$/.exec(line) ?? [];
    if (way) speeds.set(way, Number(gflops));
  }
  expect([...speeds.keys()], 'four ways are measured').toEqual(['three loops', 'reordered', 'tiled', 'mathjs']);
  for (const [way, gflops] of speeds) expect(gflops, `${way}: GFLOP/s`).toBeGreaterThan(0);
  const slow = speeds.get('three loops') ?? NaN;
  expect(speeds.get('tiled'), 'tiles are faster than three loops: is each number loaded used again?').toBeGreaterThan(
    slow,
  );

  for (const picture of ['out/step23/gflops.svg', 'out/step23/gflops.png']) {
    expect(lines).toContain(`  ${picture}`);
    expect(statSync(picture).mtimeMs, `${picture} was drawn just now`).toBeGreaterThan(start);
  }
  const svg = readFileSync('out/step23/gflops.svg', 'utf8');
  for (const [way, gflops] of speeds) {
    expect(svg, 'each bar has its name').toContain(`>${way}<`);
    expect(svg, 'each bar has its figure').toContain(`>${gflops.toFixed(2)}<`);
  }
  expect(readFileSync('out/step23/gflops.png').subarray(1, 4).toString()).toBe('PNG');
}, 60_000); // a busy machine takes its time

test.each(Object.entries(kernels))('%s multiplies as the definition says, in every size', (way, kernel) => {
  for (const [M, K, N] of [
    [1, 1, 1],
    [2, 3, 2],
    [4, 4, 4],
    [3, 5, 7],
    [5, 2, 1],
    [6, 9, 8],
  ] as const) {
    const [a, b] = [numbers(M * K, 1), numbers(K * N, 5)];
    const why = `${way}, (${M}, ${K}) by (${K}, ${N}): is each sum complete, and the edge that fills no whole tile counted?`;
    expect(Array.from(kernel(a, b, M, K, N)), why).toEqual(byDefinition(a, b, M, K, N));
  }
});

test('the product of a (2, 3) and a (3, 2) is a (2, 2)', () => {
  const y = matmul(array([[1, 2, 3], [4, 5, 6]]), array([[1, 0], [0, 1], [1, -1]])); // prettier-ignore
  expect(y.shape, 'the inner sizes go, the outer ones stay').toEqual([2, 2]);
  expect(elements(y)).toEqual([4, -1, 10, -1]);
});

test('a view is multiplied as it is read', () => {
  const down = new NDArray(Float64Array.of(1, 2, 3, 4), [2, 2], [1, 2]); // [[1 3] [2 4]]
  const one = array([[1, 0], [0, 1]]); // prettier-ignore
  expect(elements(matmul(down, one)), 'a view is read through its strides: does matmul take values, not buffer?').toEqual([1, 3, 2, 4]); // prettier-ignore
});

test('shapes that do not fit are refused', () => {
  const x = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  expect(() => matmul(x, x), 'the inner sizes must be equal').toThrow(ShapeError);
  expect(() => matmul(x, x), 'the message gives both shapes').toThrow(/matmul: shapes \(2, 3\) and \(2, 3\)/);
  expect(() => matmul(x, array([1, 2, 3])), 'a matrix has two axes').toThrow(ShapeError);
});
