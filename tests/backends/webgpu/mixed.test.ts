import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { full, hasDevice, nd, setDevice, setSeed, zeros, type NDArray } from 'dezero';
import * as F from 'dezero/functions';
import { Conv2d, Linear } from 'dezero/layers';
import { Sequential } from 'dezero/models';
import { AdamW, clipGrads, LossScaler } from 'dezero/optimizers';
import * as windows from '../../../dezero/ndarray/windows';
import type { Narrowing } from '../../../dezero/backends/webgpu/queue';
import { gpu, needsGpu, numbers, toGpu } from './gpu';

// Mixed precision. A device without numbers of 16 bits rounds to what they can hold, which comes to the same.
needsGpu();

/** The nearest number of 16 bits, of two equally near the even one: 11 significant binary digits, and no more below 2⁻²⁴. */
function half(x: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(x))));
  const unit = 2 ** (exponent - 10);
  const rounded = Math.sign(x) * ((Math.abs(x) / unit + 2 ** 52 - 2 ** 52) * unit);
  return x === 0 ? 0 : Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded;
}
const halves = (x: NDArray): NDArray => {
  const y = nd.copy(x);
  x.values.forEach((value, i) => (y.values[i] = half(value)));
  return y;
};

const ways: [string, Narrowing, boolean][] = [
  ['by rounding, with shared memory', 'rounding', true],
  ['by rounding, without', 'rounding', false],
  ['in f16, with shared memory', 'f16', true],
  ['in f16, without', 'f16', false],
];

let usual = false;
afterEach(async () => {
  if (!(await hasDevice('gpu'))) return;
  gpu().narrowing = null;
  gpu().sharesMemory = usual;
  await setDevice('cpu');
});
const use = (narrowing: Narrowing, sharesMemory: boolean) => {
  beforeEach(async (context) => {
    if (!(await hasDevice('gpu'))) return;
    usual = gpu().sharesMemory;
    if (narrowing === 'f16' && !gpu().hasMixedPrecision) context.skip("this gpu has no 'shader-f16'");
    if (narrowing === 'rounding' && sharesMemory && gpu().hasMixedPrecision)
      context.skip("this gpu has 'shader-f16' itself");
    Object.assign(gpu(), { narrowing, sharesMemory });
  });
};

test('the reference rounds as numbers of 16 bits do', () => {
  expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 0.1, -65519, 65520, 2 ** -24, 2 ** -26].map(half)).toEqual([
    1, 1 + 2 ** -9, 0.0999755859375, -65504, Infinity, 2 ** -24, 0,
  ]); // prettier-ignore
});

describe.each(ways)('products %s', (_, narrowing, sharesMemory) => {
  use(narrowing, sharesMemory);

  /** f of operands rounded to 16 bits, in float64 on the cpu; and that it is not f of the operands themselves. */
  async function roundsFactors(f: (x: NDArray, y: NDArray) => NDArray, x: NDArray, y: NDArray): Promise<void> {
    const found = (await f(toGpu(x), toGpu(y)).to('cpu')).astype('float64');
    expect(found).toBeAllClose(f(halves(x), halves(y)), { rtol: 1e-5, atol: 2e-5 });
    expect(found).not.toBeAllClose(f(x, y), { rtol: 1e-5, atol: 2e-5 });
    expect(found).toBeAllClose(f(x, y), { rtol: 2e-3, atol: 2e-2 });
  }

  test.each([[5, 30, 7], [33, 40, 17], [70, 50, 66]])('(%i, %i)·(…, %i)', async (M, K, N) => {
    await roundsFactors(nd.matmul, numbers(M, K), numbers(K, N));
    await roundsFactors((a, b) => nd.matmul(a.transpose(), b.transpose()), numbers(K, M), numbers(N, K));
  }); // prettier-ignore
  test('a bias is added as it is', async () => {
    const [a, b, bias] = [numbers(3, 4), numbers(4, 5), nd.mul(numbers(5), 1000)];
    const found = await nd.matmul(toGpu(a), toGpu(b), toGpu(bias)).to('cpu');
    expect(found.astype('float64')).toBeAllClose(nd.matmul(halves(a), halves(b), bias), { rtol: 1e-6, atol: 2e-4 });
  });
  test('convolution and its adjoints', async () => {
    const window = { kernel: [3, 3], stride: [2, 1], pad: [1, 1] } as const;
    const [x, W] = [numbers(2, 3, 9, 7), numbers(20, 3, 3, 3)];
    const gy = numbers(...windows.conv2d(x, W, null, window).shape);
    await roundsFactors((x, W) => windows.conv2d(x, W, null, window), x, W);
    await roundsFactors((gy, W) => windows.conv2dInput(gy, W, window, x.shape), gy, W);
    await roundsFactors((x, gy) => windows.conv2dWeight(x, gy, window), x, gy);
  });
  test('of whole numbers stay whole', async () => {
    const [a, b] = [numbers(4, 5), numbers(5, 3)].map((x) => nd.mul(nd.floor(x), 4097).astype('int32')) as [NDArray, NDArray]; // prettier-ignore
    expect((await nd.matmul(toGpu(a), toGpu(b)).to('cpu')).values).toEqual(nd.matmul(a, b).values);
  });
  test('the gradients of a network are those of float32 within what 16 bits can say', async () => {
    const gradients = async (mixed: boolean) => {
      gpu().narrowing = mixed ? narrowing : null;
      await setDevice('cpu');
      setSeed(1);
      const layers = [new Conv2d(8, { kernel: 3, pad: 1, in: 2 }), F.relu, F.flatten, new Linear(5, { in: 8 * 36 })];
      const model = new Sequential(...layers).to('gpu');
      F.softmaxCrossEntropy(model.call(toGpu(numbers(4, 2, 6, 6))), [0, 1, 2, 3]).backward();
      return Promise.all(
        [...model.parameters()].map(async ([, p]) => (await p.grad?.data.to('cpu'))?.astype('float64')),
      );
    };
    const [expected, found] = [await gradients(false), await gradients(true)];
    let apart = 0;
    for (const [i, g] of found.entries()) {
      const e = expected[i];
      if (!g || !e) throw new Error('a parameter has no gradient');
      const size = Math.sqrt(nd.sum(nd.square(e)).item());
      const difference = Math.sqrt(nd.sum(nd.square(nd.sub(g, e))).item()) / size;
      expect(difference).toBeLessThan(5e-3);
      apart = Math.max(apart, difference);
    }
    expect(apart).toBeGreaterThan(1e-6);
  });
  test('gradients too small for 16 bits vanish, but for a scaled loss', async () => {
    const W = toGpu(numbers(4, 4));
    const gradient = async (scale: number) => {
      const gy = full([2, 4], 1e-9 * scale, { dtype: 'float32', device: 'gpu' });
      return nd.max(nd.abs((await nd.matmul(gy, W).to('cpu')).astype('float64'))).item() / scale;
    };
    expect(await gradient(1)).toBe(0);
    const expected = nd.max(nd.abs(nd.matmul(full([2, 4], 1e-9), numbers(4, 4)))).item();
    expect((await gradient(2 ** 16)) / expected).toBeCloseTo(1, 2);
  });
  test('a training: too large a scale is found, lowered, and the loss falls as in float32', async () => {
    const train = async (scaler: LossScaler | null) => {
      gpu().narrowing = scaler ? narrowing : null;
      await setDevice('cpu');
      setSeed(1);
      const model = new Sequential(new Linear(16, { in: 6 }), F.relu, new Linear(3, { in: 16 })).to('gpu');
      const optimizer = new AdamW({ lr: 0.02 }).addHook(clipGrads(1)).setup(model);
      const [x, t] = [toGpu(numbers(12, 6)), Array.from({ length: 12 }, (_, i) => i % 3)];
      const losses: number[] = [];
      for (let step = 0; step < 40; step++) {
        const loss = F.softmaxCrossEntropy(model.call(x), t);
        model.clearGrads();
        (scaler?.scaled(loss) ?? loss).backward();
        const largest = scaler?.unscale([...model.parameters()].map(([, p]) => p));
        if (scaler?.accept(Number.isFinite((await largest?.to('cpu'))?.item())) !== false) optimizer.update();
        losses.push((await loss.data.to('cpu')).item());
      }
      return losses;
    };
    const scaler = new LossScaler({ scale: 2 ** 22 });
    const [expected, found] = [await train(null), await train(scaler)];
    expect(scaler.scale).toBeLessThan(2 ** 22);
    expect(found.at(-1)).toBeLessThan(0.5 * (found[0] ?? 0));
    expect(Math.abs((found.at(-1) ?? 0) - (expected.at(-1) ?? 0))).toBeLessThan(0.15);
  });
});

describe('where there is none', () => {
  test('on the cpu: an error that says what to do, and the device stays what it was', async () => {
    await expect(setDevice('cpu', { mixedPrecision: true })).rejects.toThrow(/the cpu has no numbers of 16 bits.*--device gpu.*--mixed/); // prettier-ignore
    expect(zeros([1]).device).toBe('cpu');
  });
  test('on a gpu without: the same; one with it goes back to float32 when it is not asked for', async () => {
    if (gpu().hasMixedPrecision) {
      await setDevice('gpu', { mixedPrecision: true });
      expect(gpu().mixedPrecision).toBe(true);
      await setDevice('gpu');
    } else {
      await expect(setDevice('gpu', { mixedPrecision: true })).rejects.toThrow(/this gpu \(.+\) has no numbers of 16 bits.*'shader-f16'.*--mixed/); // prettier-ignore
    }
    expect(gpu().mixedPrecision).toBe(false);
  });
});
