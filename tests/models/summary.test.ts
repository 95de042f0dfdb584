import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asVariable, variable, type Operand, type Variable } from '../../dezero/core';
import { relu } from '../../dezero/functions';
import { BatchNorm, Deconv2d, Dropout, layersOf, Linear, RNN } from '../../dezero/layers';
import { MLP, Model, ResNet18, Sequential, SqueezeNet10, SqueezeNet11 } from '../../dezero/models';
import { defaultGenerator, Generator, memoryScope, randn, setSeed, ValueError } from '../../dezero/ndarray';

const folder = mkdtempSync(join(tmpdir(), 'dezero-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The cells of a table's row. */
function cells(table: string, path: string): string[] {
  const line = table.split('\n').find((one) => one.startsWith(`${path} `)) ?? '';
  return line.split(/ {2,}/);
}

const state = (model: Model) => ({
  parameters: [...model.parameters()].map(([path, p]) => [path, p.ready, [...p.values], p.name]),
  buffers: [...model.buffers()].map(([path, b]) => [path, [...b.values]]),
  fields: Array.from(layersOf(model), ([path, layer]) => [path, Object.getOwnPropertyNames(layer)]),
});

test('a summary lists path, class, output, parameters and multiply-adds, and adds them up', () => {
  expect(new MLP([10, 1]).summary([100, 3])).toBe(
    [
      'layer     class   output     parameters  multiply-adds',
      '------------------------------------------------------',
      '(model)   MLP     (100, 1)',
      'layers.0  Linear  (100, 10)          40          3,000',
      'layers.1  Linear  (100, 1)           11          1,000',
      '------------------------------------------------------',
      'total                                51          4,000',
      '204 B of parameters, 4.4 kB of outputs',
    ].join('\n'),
  );
});

test.each([
  ['SqueezeNet10', () => new SqueezeNet10(), '1,248,424', '818,924,576'],
  ['SqueezeNet11', () => new SqueezeNet11(), '1,235,496', '349,151,936'],
])('%s has the parameters and multiply-adds that the literature counts', (_, make, parameters, multiplyAdds) => {
  const model = make();
  const table = model.summary([1, 3, 224, 224]);
  expect(cells(table, 'total')).toEqual(['total', parameters, multiplyAdds]);
  expect(cells(table, 'features.2').slice(1)).toContain('pool');
  expect(cells(table, 'classifier.2')).toEqual(['classifier.2', 'globalAveragePool', '(1, 1000)']);
});

test('the columns add up to the totals', () => {
  const table = new ResNet18({ classes: 10 }).summary([2, 3, 32, 32]);
  const [head = '', , ...lines] = table.split('\n');
  const at = [head.indexOf('parameters'), head.indexOf('multiply-adds')] as const; // no number is longer than these
  const numbers = lines.map((line) => [line.slice(at[0], at[1]), line.slice(at[1])].map((cell) => Number(cell.trim().replaceAll(',', '')))); // prettier-ignore
  const [totals, rows] = [numbers.at(-2), numbers.slice(0, -3)];
  expect(totals).toEqual([0, 1].map((i) => rows.reduce((sum, row) => sum + (row[i] ?? NaN), 0)));
  expect(totals?.[0]).toBe(11_181_642);
});

test('a transposed convolution spreads each input over its window', () => {
  const table = new Sequential(new Deconv2d(5, { kernel: 3, stride: 2 })).summary([2, 4, 6, 6]);
  expect(cells(table, '0')).toEqual(['0', 'Deconv2d', '(2, 5, 13, 13)', '185', (2 * 4 * 6 * 6 * 5 * 9).toLocaleString('en')]); // prettier-ignore
});

test('a layer called twice is counted twice, a shared one listed once, one not called is named', () => {
  class Odd extends Model {
    readonly twice = new Linear(3);
    readonly again = this.twice;
    readonly never = new Linear(2);
    readonly scale = variable(2);
    override forward(x: Operand): Variable {
      return this.again.call(this.twice.call(x)).mul(this.scale);
    }
  }
  const table = new Odd().summary([4, 3]);
  expect(cells(table, 'twice')).toEqual(['twice', 'Linear', '(4, 3) x2', '12', '72']);
  expect(cells(table, 'again')).toEqual(['']);
  expect(cells(table, 'never')).toEqual(['never', 'Linear', 'not called', '2 + ?']);
  expect(cells(table, 'total')).toEqual(['total', '14 + ?', '72']);
});

test('summary and plot change nothing: not a parameter, a statistic, a state, nor what is drawn next', async () => {
  const generator = new Generator(5);
  const make = () => {
    setSeed(1);
    return new Sequential(
      new Linear(4, { generator }),
      new BatchNorm(),
      relu,
      new Dropout(0.5),
      new RNN(3),
      new Linear(1),
    );
  };
  const x = randn([6, 2], { seed: 2, dtype: 'float32' });
  const model = make();
  const before = [state(model), defaultGenerator().position, generator.position];
  const table = model.summary(x);
  await model.plot(x, { to: join(folder, 'model.svg') });
  expect([state(model), defaultGenerator().position, generator.position]).toEqual(before);
  model.call(x);
  expect(model.summary([2, 2])).toContain('(2, 1)'); // of another number of rows than the state that the call left
  expect(cells(table, '0')).toEqual(['0', 'Linear', '(6, 4)', '12', '48']);
  const warm = [state(model), defaultGenerator().position, generator.position];
  model.summary(x);
  await model.plot(x, { to: join(folder, 'model.svg') });
  expect([state(model), defaultGenerator().position, generator.position]).toEqual(warm);
});

test('a model draws the same weights with and without a look at it before', () => {
  const first = (look: boolean) => {
    setSeed(8);
    const model = new MLP([4, 1]);
    if (look) model.summary([2, 3]);
    return model.call(randn([2, 3], { seed: 1 })).data.toNested();
  };
  expect(first(true)).toEqual(first(false));
});

test('a state that is carried along outlives a summary within a memory scope', () => {
  const model = new Sequential(new RNN(3));
  const rnn = model['0' as never] as RNN;
  {
    using _ = memoryScope();
    model.call(randn([2, 2], { seed: 1 }));
  }
  const before = rnn.state?.data.toNested();
  {
    using _ = memoryScope();
    model.summary([5, 2]);
  }
  expect(rnn.state?.data.toNested()).toEqual(before);
});

test('an error on the way leaves the model as it was', () => {
  const model = new Sequential(new Linear(3), new Linear(2, { in: 5 }));
  const before = state(model);
  expect(() => model.summary([1, 4])).toThrow('the layer was made for 5 inputs, and x has 3');
  expect(state(model)).toEqual(before);
  expect(() => model.summary()).toThrow(ValueError);
  expect(() => model.summary()).toThrow('summary: show it an input, or the shape of one');
});

test('several inputs are shown one after the other, as arrays or as shapes', () => {
  class Sum extends Model {
    readonly left = new Linear(2);
    override forward(a: Operand, b: Operand): Variable {
      return this.left.call(a).add(asVariable(b));
    }
  }
  expect(cells(new Sum().summary([4, 3], randn([4, 2], { seed: 1 })), '(model)')).toEqual(['(model)', 'Sum', '(4, 2)']);
});

test('plot draws the graph with parameters named by their paths, and gives their names back', async () => {
  const model = new MLP([4, 1], { in: 3, activation: relu });
  const names = () => Array.from(model.parameters(), ([, p]) => p.name);
  const before = names();
  const file = await model.plot([2, 3], { to: join(folder, 'mlp.svg'), verbose: true });
  const svg = readFileSync(file, 'utf8');
  for (const label of ['layers.0.weight', 'layers.1.bias', 'ReLU', '2x3 float32', '>x<', '>y<'])
    expect(svg).toContain(label);
  expect(names()).toEqual(before);
  await expect(model.plot([2, 3], { to: join(folder, 'mlp.bmp') })).rejects.toThrow();
  expect(names()).toEqual(before);
});
