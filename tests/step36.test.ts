import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Model, ones, setSeed, variable, type Operand, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import * as L from 'dezero/layers';
import { MLP, Sequential } from 'dezero/models';
import { afterAll, expect, test } from 'vitest';
import { fit, gradientLengths, main, measure, ThreeLayers } from '../steps/step36';
import { captured } from './captured';

const folder = mkdtempSync(path.join(tmpdir(), 'dezero-'));
const picture = path.join(folder, 'model.svg');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const paths = (model: Model) => Array.from(model.parameters(), ([name]) => name);
const values = (model: Model) => Array.from(model.parameters(), ([, p]) => [...p.values]);
const x = ones([4, 2], { dtype: 'float32' });
/** The words of a table's row. */
const row = (table: string, name: string) => table.split('\n').map((line) => line.trim()).find((line) => line.startsWith(`${name} `))?.split(/ {2,}/); // prettier-ignore

test('relu lets through what is above 0, and its gradient too', () => {
  const v = variable([-2, 0, 3]);
  const y = F.relu(v);
  expect(y, 'relu is max(x, 0)').toBeAllClose([0, 0, 3]);
  y.backward();
  expect(v.grad, 'the gradient of relu is gy where x > 0, and 0 elsewhere').toBeAllClose([0, 0, 1]);
});

test('an MLP is linear layers with an activation in between, none after the last', () => {
  const model = new MLP([3, 1], { activation: F.relu });
  const y = model.call(x);
  expect(paths(model), 'its layers are a list').toEqual(['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']); // prettier-ignore
  const [W1, b1, W2, b2] = Array.from(model.parameters(), ([, p]) => p);
  const byHand = F.linear(F.relu(F.linear(x, W1 ?? 0, b1)), W2 ?? 0, b2);
  expect(y, 'an MLP bends between two layers, and leaves the last output as it is').toBeAllClose(byHand);
});

test('a Sequential runs its stages in order and names them by number, or as it is told', () => {
  const stages = [new L.Linear(3), F.relu, new L.Linear(1)] as const;
  const [first, bend, last] = stages;
  const model = new Sequential(...stages);
  expect(model.call(x), 'one stage after the other').toBeAllClose(last.call(bend(first.call(x))));
  expect(paths(model), 'a stage is named by its place; functions count').toEqual([
    '0.weight',
    '0.bias',
    '2.weight',
    '2.bias',
  ]);
  const named = new Sequential({ hidden: first, bend, out: last });
  expect(paths(named), 'or by the name it is given').toEqual([
    'hidden.weight',
    'hidden.bias',
    'out.weight',
    'out.bias',
  ]);
});

test('a summary shows what goes out of each layer, and counts', () => {
  const table = new MLP([10, 1]).summary([100, 3]);
  expect(row(table, 'layers.0'), 'a Linear has in·out + out parameters, and N·in·out multiply-adds').toEqual(['layers.0', 'Linear', '(100, 10)', '40', '3,000']); // prettier-ignore
  expect(row(table, 'layers.1')).toEqual(['layers.1', 'Linear', '(100, 1)', '11', '1,000']);
  expect(row(table, 'total'), 'the columns add up').toEqual(['total', '51', '4,000']);
  expect(table, '51 numbers of 4 bytes').toContain('204 B of parameters');
});

test('a summary shows what a wrongly wired network leaves out', () => {
  const table = new ThreeLayers().summary([4, 2]);
  expect(row(table, 'second')?.[2], 'a layer that forward does not call is named').toBe('not called');
});

test('looking at a model leaves no trace', async () => {
  const weights = async (look: boolean) => {
    setSeed(5);
    const model = new MLP([3, 1]);
    if (look) model.summary([4, 2]);
    if (look) await model.plot([4, 2], { to: picture });
    expect(paths(model).length).toBe(4);
    model.call(x);
    return values(model);
  };
  expect(await weights(true), 'summary and plot must not use up random numbers, nor make the weights').toEqual(await weights(false)); // prettier-ignore
});

test('plot draws the graph, with the parameters named', async () => {
  const file = await new MLP([3, 1], { activation: F.relu }).plot(x, { to: picture });
  const svg = readFileSync(file, 'utf8');
  for (const word of ['ReLU', 'layers.0.weight', 'layers.1.bias']) {
    expect(svg, `the drawing names ${word}`).toContain(word);
  }
});

test('a model is a layer: it can be a part of a larger one', () => {
  class Twice extends Model {
    readonly part = new MLP([3, 2]);
    override forward(v: Operand): Variable {
      return this.part.call(this.part.call(v));
    }
  }
  const model = new Twice();
  expect(model.call(x).shape).toEqual([4, 2]);
  expect(paths(model)[0], "a part's path stands before its parameters").toBe('part.layers.0.weight');
});

test('through two layers of relu more gradient reaches the first than through sigmoids', () => {
  const share = (activation: (v: Variable) => Variable) => {
    setSeed(4);
    const lengths = gradientLengths(new MLP([20, 20, 1], { activation }), measure());
    return (lengths[0] ?? NaN) / (lengths.at(-1) ?? NaN);
  };
  expect(share(F.relu), 'a sigmoid passes on a quarter of the gradient at most, relu all of it').toBeGreaterThan(5 * share(F.sigmoid)); // prettier-ignore
});

test('a few iterations lower the loss', () => {
  setSeed(4);
  const losses = fit(new MLP([20, 20, 1], { activation: F.relu }), measure(), { iterations: 20 });
  expect(losses.at(-1), 'the loss falls').toBeLessThan(losses[0] ?? NaN);
});

test('the step shows the wrong wiring, the table and the drawing, and learns the sine with relu', async () => {
  const lines = await captured(main);
  const text = lines.join('\n');
  expect(row(text, 'second')?.slice(1), 'the layer that forward forgets').toEqual(['Linear', 'not called', '20 + ?']);
  expect(row(text, 'layers.1')).toEqual(['layers.1', 'Linear', '(60, 20)', '420', '24,000']);
  expect(row(text, '1'), 'a Sequential has rows for functions').toEqual(['1', 'relu', '(60, 20)']);
  const last = (name: string) => Number(row(text, name)?.at(-1));
  expect(last('sigmoid'), 'through two sigmoids the sine is not learned in 1,000 iterations').toBeGreaterThan(0.2);
  expect(last('relu'), 'with relu it is').toBeLessThan(0.1);
  const files = lines.filter((line) => line.trim().startsWith('out/')).map((line) => line.trim());
  expect(files.length, 'two graphs and a chart').toBe(3);
  expect(
    files.filter((file) => !existsSync(file)),
    'each picture lies where the step says',
  ).toEqual([]);
});
