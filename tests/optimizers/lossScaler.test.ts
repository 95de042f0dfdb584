import { describe, expect, test } from 'vitest';
import { Parameter, setSeed, Variable, variable } from 'dezero';
import * as F from 'dezero/functions';
import { MLP } from 'dezero/models';
import { AdamW, clipGrads, LossScaler } from 'dezero/optimizers';
import { numbers } from '../backends/webgpu/gpu';

describe('the scale', () => {
  test('is halved when a gradient is not finite, and doubled after so many good updates in a row', () => {
    const scaler = new LossScaler({ scale: 8, growAfter: 3 });
    const scales = [true, true, false, true, true, true, true, false, false].map((finite) => {
      expect(scaler.accept(finite)).toBe(finite);
      return scaler.scale;
    });
    expect(scales).toEqual([8, 8, 4, 4, 4, 8, 8, 4, 2]);
  });
  test('grows to 2³⁰ and no further', () => {
    const scaler = new LossScaler({ scale: 2 ** 29, growAfter: 1 });
    for (let i = 0; i < 5; i++) scaler.accept(true);
    expect(scaler.scale).toBe(2 ** 30);
  });
  test('at 1 there is nothing to halve: the training has diverged', () => {
    const scaler = new LossScaler({ scale: 2 });
    expect(scaler.accept(false)).toBe(false);
    expect(() => scaler.accept(false)).toThrow(/even at scale 1.*diverged.*learning rate/);
  });
  test('is a power of two, so that it rounds nothing', () => {
    for (const scale of [3, 0.5, 0, -2, NaN, Infinity, 2 ** 31]) {
      expect(() => new LossScaler({ scale })).toThrow(/scale must be a power of two from 1 to 2³⁰/);
    }
    expect(() => new LossScaler({ growAfter: 0 })).toThrow(/growAfter must be from 1 on, not 0/);
  });
});

describe('gradients', () => {
  test('are multiplied by the scale on the way, and come back to their size', () => {
    const p = new Parameter(numbers(3));
    const scaler = new LossScaler({ scale: 4 });
    const grads: number[][] = [];
    for (const scaled of [false, true]) {
      p.clearGrad();
      const loss = p.square().sum();
      (scaled ? scaler.scaled(loss) : loss).backward();
      grads.push([...(p.grad?.data.values ?? [])]);
    }
    expect(grads[1]).toEqual(grads[0]?.map((g) => 4 * g));
    const largest = scaler.unscale([p, new Parameter(numbers(2))]);
    expect([...(p.grad?.data.values ?? [])]).toEqual(grads[0]);
    expect(largest?.item()).toBe(Math.max(...(grads[0] ?? []).map(Math.abs)));
    expect(scaler.unscale([new Parameter(numbers(2))])).toBeNull();
  });
  test.each([Infinity, -Infinity, NaN])('one that is %d shows in the largest', (bad) => {
    const parameters = [new Parameter(numbers(3)), new Parameter(numbers(2))];
    const [p, q] = parameters;
    if (!p || !q) throw new Error('two were made');
    [p.grad, q.grad] = [variable([1, bad, 2]), variable([1, 3])];
    expect(Number.isFinite(new LossScaler().unscale(parameters)?.item())).toBe(false);
  });
  test('a training with a scaled loss is the same to the last bit as one without', () => {
    const train = (scaler: LossScaler | null) => {
      setSeed(3);
      const model = new MLP([8, 3], { activation: F.tanh, in: 4 });
      const optimizer = new AdamW({ lr: 0.01 }).addHook(clipGrads(0.5)).setup(model);
      const x = new Variable(numbers(6, 4));
      for (let step = 0; step < 5; step++) {
        model.clearGrads();
        const loss = F.softmaxCrossEntropy(model.call(x), [0, 1, 2, 0, 1, 2]);
        (scaler?.scaled(loss) ?? loss).backward();
        scaler?.unscale([...model.parameters()].map(([, p]) => p));
        optimizer.update();
      }
      return [...model.parameters()].map(([, p]) => [...p.data.values]);
    };
    expect(train(new LossScaler({ scale: 1024 }))).toEqual(train(null));
  });
});
