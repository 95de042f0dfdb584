import { existsSync } from 'node:fs';
import type { NDArray } from 'dezero';
import { add, array, asVariable, exp, Func, mul, nd, noGrad, randn, square, variable, Variable, zeros } from 'dezero';
import { getDotGraph, gradientCheck } from 'dezero/utils';
import { expect, test } from 'vitest';
import { chain, fork, main, measureOwnSpeed, numericalDiff, sum, valueAndGradients } from '../steps/step28';
import { captured } from './captured';

test('forward: the results of steps 02 and 03, from the package', () => {
  expect(square(variable(10)).item(), 'square(10) is 100').toBe(100);
  expect(chain(variable(0.5)).item(), '(exp(x²))² at 0.5: are the functions chained in this order?').toBe(
    1.648721270700128,
  );
});

test('the slope by difference, as in step 04, records no graph', () => {
  expect(numericalDiff(square, 2), 'the slope of square at 2, with eps = 1e-4 on either side').toBe(4.000000000004);
  expect(numericalDiff(chain, 0.5), 'the slope of the chain at 0.5').toBe(3.2974426293297388);
});

test('backward: the slopes of square, exp, add and mul', () => {
  expect(valueAndGradients(square, 3), 'the gradient of x² is 2x: was the factor 2 lost?').toEqual([9, 6]);
  expect(valueAndGradients(exp, 2), 'the gradient of eˣ is eˣ: gy times the output, not the input').toEqual([Math.exp(2), Math.exp(2)]); // prettier-ignore
  expect(valueAndGradients(mul, 3, 5), 'a product gives each factor the other one').toEqual([15, 5, 3]);
  expect(valueAndGradients(chain, 0.5)[1], 'the chain of steps 06 and 07').toBe(3.297442541400256);
  expect(valueAndGradients(sum, 2, 3), 'x² + y² at (2, 3), step 13').toEqual([13, 4, 6]);
});

test('a variable used twice adds its gradients, and clearGrad forgets them', () => {
  expect(valueAndGradients((x) => add(x, x), 3)[1], 'x + x: a variable used twice adds its gradients; is the first one overwritten?').toBe(2); // prettier-ignore
  expect(valueAndGradients((x) => add(add(x, x), x), 3)[1], '(x + x) + x: three ways lead to x').toBe(3);
  const x = variable(3);
  add(x, x).backward();
  x.clearGrad();
  square(x).backward();
  expect(x.grad?.item(), 'after clearGrad the next gradient starts anew').toBe(6);
});

test('generations decide the order: no function runs before all that used its result', () => {
  expect(valueAndGradients(fork, 2), '2(x²)² at 2, step 16').toEqual([32, 64]);
  const uneven = (x: Variable) => {
    const a = square(x);
    return add(a, square(a)); // one way from a to the end is longer
  };
  expect(valueAndGradients(uneven, 2), 'x² + (x²)²: are functions called by generations, the latest first?').toEqual([20, 36]); // prettier-ignore
});

test('under noGrad nothing is remembered; gradients in between are kept only on demand', () => {
  const x = variable(3);
  expect(noGrad(() => square(x)).creator, 'noGrad records no creator').toBeNull();
  const a = square(x);
  square(a).backward();
  expect(a.grad, 'a gradient in between is let go').toBeNull();
  square(a).backward({ retainGrad: true });
  expect(a.grad?.item(), 'retainGrad keeps it').toBe(18);
});

test('gradientCheck passes what is right and finds what is wrong', () => {
  const xs = [randn([2, 3], { seed: 1 }), randn([2, 3], { seed: 2 })];
  for (const f of [add, mul, sum]) expect(gradientCheck(f, xs).ok, gradientCheck(f, xs).worst).toBe(true);
  expect(gradientCheck(chain, [randn([2, 3], { seed: 3 })]).ok).toBe(true);
  class Wrong extends Func {
    override forward(x: NDArray) {
      return nd.square(x);
    }
    override backward(gy: Variable) {
      return mul(gy, this.input(0)); // the 2 is missing
    }
  }
  const found = gradientCheck((x) => new Wrong().call(x), xs.slice(0, 1));
  expect(found.ok, 'a wrong backward must not pass').toBe(false);
  expect(found.worst, 'the message says where').toContain('input 0, element');
});

test('variables over arrays have gradients of their own shape, and print as in step 24', () => {
  const [a, b] = [variable([[1, 2, 3], [4, 5, 6]]), variable([[1, 0, 0], [0, 1, 0]])]; // prettier-ignore
  expect(String(a)).toBe('variable([[1 2 3]\n          [4 5 6]])');
  mul(a, b).backward();
  expect(a.grad?.data, 'the gradient of a is b, element by element').toBeAllClose([[1, 0, 0], [0, 1, 0]]); // prettier-ignore
  expect([a.shape, a.size, a.ndim, a.dtype]).toEqual([[2, 3], 6, 2, 'float64']);
});

test('only what is an operand is taken', () => {
  expect(asVariable(2).item()).toBe(2);
  expect(() => square('2' as never), 'the message says what to do').toThrow('wrap arrays with array(…)');
  expect(() => new Variable(variable(1) as never)).toThrow('a box is not put into a box');
});

test('arrays, their views and their operations, as in steps 19 to 22', () => {
  const x = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  expect(String(x.transpose())).toBe('[[1 4]\n [2 5]\n [3 6]]');
  expect(x.transpose().storage, 'a transposed array is a view of the same memory').toBe(x.storage);
  expect(nd.mul(x, array([1, 10, 100])), 'a row goes with every row').toBeAllClose([[1, 20, 300], [4, 50, 600]]); // prettier-ignore
  expect(nd.sum(x, { axis: 1 }), 'axis 1 is summed away').toBeAllClose([6, 15]);
});

test("the package's own kernel gives what the three loops of step 23 give", () => {
  const [M, K, N] = [37, 53, 19];
  const [a, b] = [randn([M, K], { seed: 4, dtype: 'float32' }), randn([K, N], { seed: 5, dtype: 'float32' })];
  const expected = zeros([M, N]);
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      for (let k = 0; k < K; k++)
        expected.values[i * N + j]! += (a.values[i * K + k] ?? 0) * (b.values[k * N + j] ?? 0); // !: inside
    }
  }
  expect(nd.matmul(a, b)).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-5 });
  const { way, gflops } = measureOwnSpeed(64);
  expect(way).toBe('dezero');
  expect(gflops).toBeGreaterThan(0);
  expect(gflops).toBeLessThan(Infinity);
});

test('the graph of a result can be drawn', () => {
  const x = variable(2, 'x');
  const dot = getDotGraph(fork(x));
  expect(dot).toBe(getDotGraph(fork(x)));
  expect(dot.match(/Square/g), 'three squares').toHaveLength(3);
  expect(
    dot.match(/->/g),
    'an arrow for each input and each result: x → a twice, then both into the sum',
  ).not.toBeNull();
});

test('main prints these results, and where the pictures are', async () => {
  const lines = await captured(main);
  const shown = (begin: string) => lines.filter((line) => line.startsWith(begin)).map((line) => line.trim());
  const results = shown('  step ').map((line) => line.replace(/^(step \d\d).*?\s{2,}(\S.*?)\s{2,}(\S.*)$/, '$3'));
  const expected = ['100', '1.648721270700128', '4.000000000004', '3.2974426293297388', '3.297442541400256'];
  expect(results).toEqual([...expected, 'passed', '13, 4, 6', '2', '32, 64', 'false']);
  expect(lines.join('\n')).toContain('variable([[ 3  4  6]\n          [ 8 15 12]])');
  const speeds = lines.filter((line) => /^ {2}[a-z ]+~\d+\.\d\d$/.test(line)).map((line) => line.split('~')[0]?.trim());
  expect(speeds, 'the bars of step 23, and one more').toEqual([
    'three loops',
    'reordered',
    'tiled',
    'mathjs',
    'dezero',
  ]);
  for (const file of ['graph', 'gflops'].map((name) => `out/step28/${name}.svg`)) {
    expect(lines).toContain(`  ${file}`);
    expect(existsSync(file), `${file} is drawn`).toBe(true);
  }
});
