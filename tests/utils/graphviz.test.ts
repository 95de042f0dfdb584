import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DTypeError, Func, memoryScope, Parameter, ValueError, Variable, type NDArray } from 'dezero';
import * as F from 'dezero/functions';
import { getDotGraph, plotDotGraph } from 'dezero/utils';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { renderDot as renderInBrowser } from '../../dezero/utils/graphviz.browser';

const folder = mkdtempSync(path.join(tmpdir(), 'graphviz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The labels in a DOT text, node by node. */
const labelsOf = (dot: string) =>
  [...dot.matchAll(/^ {2}n\d+ \[label="((?:\\.|[^"\\])*)"/gm)].map(([, label]) => label);
const edgesOf = (dot: string) => dot.match(/n\d+ -> n\d+/g) ?? [];

function linear() {
  const [a, b, c] = [new Variable(3, 'a'), new Variable(2, 'b'), new Variable(1, 'c')];
  return { a, b, c, y: a.mul(b).add(c) };
}

test('a graph is the same text each time: nodes are numbered as they are met, from the result backwards', () => {
  const dot = getDotGraph(linear().y);
  expect(dot).toBe(getDotGraph(linear().y));
  expect(labelsOf(dot)).toEqual(['7', 'Add', 'Mul', 'c', 'a', 'b']);
  expect(edgesOf(dot)).toEqual(['n1 -> n0', 'n2 -> n1', 'n3 -> n1', 'n4 -> n2', 'n5 -> n2']);
});

test('verbose shows every variable, with shape and element type in ASCII', () => {
  const x = new Variable(new Float32Array(6), 'x');
  const y = F.sum(F.reshape(x, [2, 3]), { axis: 1 });
  expect(labelsOf(getDotGraph(y, { verbose: true }))).toEqual([
    '(2) float32', 'Sum', '2x3 float32', 'Reshape', 'x\\n(6) float32',
  ]); // prettier-ignore
  expect(labelsOf(getDotGraph(y))).toEqual(['(2)', 'Sum', 'Reshape', 'x']);
  expect(getDotGraph(y, { verbose: true })).toMatch(/^\p{ASCII}*$/u);
});

test('a variable used twice is one node with two arrows', () => {
  const x = new Variable(3, 'x');
  const dot = getDotGraph(x.mul(x));
  expect(labelsOf(dot)).toEqual(['9', 'Mul', 'x']);
  expect(edgesOf(dot)).toEqual(['n1 -> n0', 'n2 -> n1', 'n2 -> n1']);
});

test('several results share one drawing, and what they have in common is drawn once', () => {
  const x = new Variable(2, 'x');
  const [y, z] = [F.square(x), F.exp(x)];
  [y.name, z.name] = ['y', 'z'];
  expect(labelsOf(getDotGraph([y, z, y]))).toEqual(['y', 'z', 'Square', 'Exp', 'x']);
});

test('constants are bare words, functions boxes, variables ellipses, parameters doubly lined', () => {
  const W = new Parameter([1, 2], 'W');
  const lines = getDotGraph(
    W.mul(new Variable([3, 4], 'x'))
      .pow(2)
      .add(5),
  ).split('\n');
  const lineOf = (label: string) => lines.find((line) => line.includes(`label="${label}"`)) ?? '';
  expect(lineOf('5')).toMatch('shape=plain');
  expect(lineOf('W')).toMatch('peripheries=2');
  expect(lineOf('x')).toMatch('shape=ellipse');
  expect(lineOf('x')).not.toMatch('peripheries');
  expect(lineOf('Pow c=2')).not.toMatch('shape=');
  expect(lines.find((line) => line.startsWith('  node'))).toMatch('shape=box');
});

test('a leaf is a graph of one node', () => {
  expect(labelsOf(getDotGraph(new Variable(0.1234567)))).toEqual(['0.1235']);
  expect(labelsOf(getDotGraph(new Variable([[1, 2]])))).toEqual(['1x2']);
});

test('a cycle put together by hand is drawn, not walked for ever', () => {
  class Echo extends Func {
    forward(x: NDArray): NDArray {
      return x;
    }
    backward(gy: Variable): Variable {
      return gy;
    }
  }
  const [x, f] = [new Variable(1, 'x'), new Echo()];
  f.inputs = [x];
  f.outputs = [x];
  x.creator = f;
  expect(edgesOf(getDotGraph(x))).toEqual(['n1 -> n0', 'n0 -> n1']);
  x.name = null;
  expect(edgesOf(getDotGraph(F.square(x)))).toEqual(['n1 -> n0', 'n2 -> n1', 'n2 -> n2']);
});

test('a graph deeper than the stack is written down; a picture of it, which nobody could read, is refused', async () => {
  let y = new Variable(1, 'x');
  for (let i = 0; i < 8_000; i++) y = y.add(0);
  expect(labelsOf(getDotGraph(y))).toHaveLength(16_002);
  const error = await plotDotGraph(y, { to: path.join(folder, 'deep.svg') }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ValueError);
  expect(String(error)).toMatch('16002 nodes (3000 at most)');
});

test('what a memory scope has freed is drawn without its number', () => {
  const scope = memoryScope();
  const y = F.square(new Variable(3, 'x'));
  scope.dispose();
  expect(labelsOf(getDotGraph(y))).toEqual(['scalar', 'Square', 'x']);
});

test('names with quotes, backslashes and signs beyond ASCII arrive in the picture as they are', async () => {
  const x = new Variable(2, 'θ₀ "q" \\N <W>');
  const file = await plotDotGraph(F.square(x), { to: path.join(folder, 'names.svg') });
  const words = [...readFileSync(file, 'utf8').matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(words).toEqual(['4', 'Square', 'θ₀ &quot;q&quot; \\N &lt;W&gt;']);
});

test('an SVG has no background of its own, and its folder is made', async () => {
  const file = path.join(folder, 'new', 'folder', 'y.svg');
  expect(await plotDotGraph(linear().y, { to: file })).toBe(file);
  const svg = readFileSync(file, 'utf8');
  expect(svg).toMatch(/^<svg [^]*<\/svg>\s*$/);
  const { data } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(data[3], 'the corner is transparent').toBe(0);
});

test('a PNG is the same drawing on white, twice as large', async () => {
  const svg = await plotDotGraph(linear().y, { to: path.join(folder, 'y.svg') });
  const png = await plotDotGraph(linear().y, { to: path.join(folder, 'y.PNG') });
  const [small, large] = [await sharp(svg).metadata(), await sharp(png).metadata()];
  expect([large.width, large.height]).toEqual([2 * small.width, 2 * small.height]);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  expect(
    data.some((value) => value < 64),
    'something is drawn',
  ).toBe(true);
});

test('the fifth derivative of tanh fits a page: every function a box, and no wider than 2000 points', async () => {
  const x = new Variable(1, 'x');
  F.tanh(x).backward({ createGraph: true });
  for (let order = 1; order < 5; order++) {
    const gx = x.grad;
    x.clearGrad();
    gx?.backward({ createGraph: true });
  }
  if (!x.grad) throw new Error('tanh has no fifth derivative');
  const labels = labelsOf(getDotGraph(x.grad));
  expect(labels.filter((label) => label === 'Tanh')).toHaveLength(1);
  expect(labels.length).toBeLessThan(160);
  const file = await plotDotGraph(x.grad, { to: path.join(folder, 'tanh5.svg') });
  expect((await sharp(file).metadata()).width).toBeLessThan(2000);
});

test('another ending is refused before anything is drawn', async () => {
  const to = path.join(folder, 'nowhere', 'y.jpg');
  const error = await plotDotGraph(linear().y, { to }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ValueError);
  expect(String(error)).toMatch('let it end in .svg or .png');
  expect(existsSync(path.dirname(to))).toBe(false);
});

test('what is no variable is refused by name of the mend', () => {
  const data = linear().y.data as unknown as Variable;
  expect(() => getDotGraph(data)).toThrow(DTypeError);
  expect(() => getDotGraph([data])).toThrow('expected a Variable, or an array of them');
  expect(() => getDotGraph([])).toThrow('there is nothing to draw');
});

test("the browser's twin says what to do instead", async () => {
  await expect(renderInBrowser('digraph {}')).rejects.toThrow(
    'in a browser give the text of getDotGraph(y) to Graphviz',
  );
});
