import { expect, test } from 'vitest';
import { array, setSeed, variable, type Variable } from 'dezero';
import { SinCurve } from 'dezero/data';
import { RNN } from 'dezero/layers';
import { resetState } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { depths, errorOn, follow, main, networks, point, reach, trainEpoch } from '../steps/step44';
import { captured } from './captured';

const curve = new SinCurve({ n: 200, period: 20 });
const { points: unseen } = new SinCurve({ split: 'test', n: 80, period: 20 });

/** A short training: its losses, and the error on a curve that it has not seen. */
function shortRun(name: 'one point' | 'all before', epochs: number) {
  setSeed(0);
  const model = networks(8)[name];
  const optimizer = new Adam({ lr: 0.01 }).setup(model);
  const losses = Array.from({ length: epochs }, () => trainEpoch(model, curve, optimizer));
  return { model, losses, error: errorOn(model, unseen, 5) };
}

test('RNN: h ← tanh(x·Wx + b + h·Wh), its own output handed on', () => {
  setSeed(1);
  const rnn = new RNN(1, { in: 1, dtype: 'float64' });
  const [Wx, Wh] = [rnn.x2h.weight.item(), rnn.h2h.weight.item()];
  let h = 0;
  for (const x of [0.5, -1, 2]) {
    h = Math.tanh(x * Wx + h * Wh);
    expect(rnn.call(array([[x]])).item(), 'the state must come in: does h·Wh join x·Wx?').toBeCloseTo(h, 12);
  }
  rnn.resetState();
  const anew = 'resetState() forgets the sequence before: is the state null again?';
  expect(rnn.call(array([[0.5]])).item(), anew).toBeCloseTo(Math.tanh(0.5 * Wx), 12);
});

test('the graph grows with every point, and unchainBackward cuts it', () => {
  const model = networks(4)['all before'];
  const [endless, cut] = [Infinity, 10].map((length) => depths(model, 35, length));
  expect(endless?.[34], 'three functions a point: is the state still part of the graph?').toBe(3 * 35 + 1);
  const message = 'after a cut the graph begins anew: does unchainBackward take the creators away, all the way back?';
  expect(Math.max(...(cut ?? [])), message).toBeLessThanOrEqual(3 * 10 + 1);
});

test('a cut keeps the value of the state and stops the gradient', () => {
  setSeed(2);
  const model = networks(4)['all before'];
  const run = (cut: boolean) => {
    resetState(model);
    const [before, after] = [point(0.3), point(0.6)];
    const y = model.call(before);
    if (cut) y.unchainBackward();
    const answer: Variable = model.call(after);
    answer.backward();
    return { before, after, answer: answer.item() };
  };
  const [whole, cut] = [run(false), run(true)];
  expect(cut.answer, 'the state is the same after a cut').toBe(whole.answer);
  expect(cut.after.grad, 'after the cut gradients flow').not.toBeNull();
  expect(whole.before.grad, 'without a cut the gradient goes back in time').not.toBeNull();
  expect(cut.before.grad, 'no gradient goes past a cut').toBeNull();
});

test('backward through what was cut says so', () => {
  const x = variable([2]);
  const y = x.mul(3).mul(4);
  y.unchainBackward();
  expect(() => y.backward()).toThrow('was cut');
});

test('the loss falls, a seed gives it again, and who knows all points foretells better than who knows one', () => {
  const rnn = shortRun('all before', 6);
  const before = rnn.losses[0] ?? 0;
  expect(rnn.losses.at(-1), 'the loss does not fall: is it cleared, walked back and updated at each cut?').toBeLessThan(before / 3); // prettier-ignore
  expect(shortRun('all before', 6).losses, 'the same seed must give the same losses, to the last bit').toEqual(rnn.losses); // prettier-ignore
  const linear = shortRun('one point', 6);
  expect(rnn.error, 'a memory must help: is the state handed on from point to point?').toBeLessThan(linear.error / 1.5);
});

test('follow begins anew each time, and goes on by itself after the known points', () => {
  setSeed(3);
  const model = networks(4)['all before'];
  const said = follow(model, unseen);
  expect(follow(model, unseen), 'the state of the sequence before is still there: is it reset?').toEqual(said);
  const alone = follow(model, unseen, 10);
  expect(alone.slice(0, 10)).toEqual(said.slice(0, 10));
  expect(alone).toHaveLength(79);
  const asked = [...unseen.slice(0, 10), ...alone.slice(9)];
  expect(follow(model, asked), 'after the known points each answer is the next question').toEqual(alone);
});

test('an answer hangs on the points before it, the less the longer ago', () => {
  setSeed(4);
  const slopes = reach(networks(4)['all before'], unseen.slice(0, 30));
  expect(slopes).toHaveLength(30);
  expect(slopes[0]).toBeGreaterThan(0);
  expect(slopes[29], 'through so many tanh little of the gradient is left').toBeLessThan((slopes[0] ?? 0) / 10);
});

test('the step prints what it promises and draws the forecast', async () => {
  const lines = await captured(() => main({ epochs: 1, hidden: 4, n: 60 }));
  expect(lines).toContain('  after 100 points: 301; cut every 30: 31');
  expect(lines.filter((line) => line.includes('a curve it has not seen'))).toHaveLength(2);
  expect(lines).toContain('  out/step44/forecast.svg');
});
