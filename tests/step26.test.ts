import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { add, getDotGraph, main, mul, noGrad, plotDotGraph, square, Variable } from '../steps/step26';
import { captured } from './captured';

let lines: string[];
beforeAll(async () => {
  lines = await captured(main);
});

/** Of a DOT text: what is in the nodes, and the arrows, by what is in the nodes at both ends. */
const labelsIn = (dot: string) => [...dot.matchAll(/^ *(\w+) \[label="([^"]*)"/gm)].map(([, , label]) => label).sort();
function arrowsIn(dot: string): string[] {
  const labels = new Map([...dot.matchAll(/^ *(\w+) \[label="([^"]*)"/gm)].map(([, id, label]) => [id, label]));
  return [...dot.matchAll(/^ *(\w+) -> (\w+)/gm)].map(([, a, b]) => `${labels.get(a)} -> ${labels.get(b)}`).sort();
}

function named(data: number, name: string): Variable {
  const x = new Variable(data);
  x.name = name;
  return x;
}

test('the graph of an expression has every function and variable once, and arrows as the values flow', () => {
  const [x0, x1] = [named(2, 'x0'), named(3, 'x1')];
  const dot = getDotGraph(add(mul(x0, x1), x0));
  expect(labelsIn(dot), 'a node is missing or there twice: does the walk go on behind each creator?').toEqual(
    ['6', '8', 'Add', 'Mul', 'x0 = 2', 'x1 = 3'], // sorted
  );
  expect(arrowsIn(dot), 'an arrow points as the values flow, from input to function to output').toEqual([
    '6 -> Add',
    'Add -> 8',
    'Mul -> 6',
    'x0 = 2 -> Add',
    'x0 = 2 -> Mul',
    'x1 = 3 -> Mul',
  ]);
});

test('functions of one class stay apart: an id belongs to an object, not to a label', () => {
  const x = named(2, 'x');
  const a = square(x);
  const squares = labelsIn(getDotGraph(add(square(a), square(a)))).filter((label) => label === 'Square');
  expect(squares, 'three Squares are three boxes: does each node have an id of its own?').toHaveLength(3);
});

test('a variable used twice is one node with two arrows', () => {
  const x = named(3, 'x');
  const dot = getDotGraph(mul(x, x));
  expect(labelsIn(dot), 'x is drawn once: is a node that was met before drawn again?').toEqual(['9', 'Mul', 'x = 3']);
  expect(arrowsIn(dot)).toEqual(['Mul -> 9', 'x = 3 -> Mul', 'x = 3 -> Mul']);
});

test('the same graph gives the same text', () => {
  const draw = () => getDotGraph(square(add(named(1, 'a'), named(2, 'b'))));
  expect(draw(), 'ids count from n0 in each drawing: does the counter live outside it?').toBe(draw());
  expect(draw()).toMatch(/\bn0\b/);
});

test('under noGrad there is nothing to draw but the result', () => {
  const y = noGrad(() => square(new Variable(3)));
  expect(labelsIn(getDotGraph(y))).toEqual(['9']);
});

test('a deep graph does not overflow the stack', () => {
  let y = new Variable(1);
  for (let i = 0; i < 20_000; i++) y = square(y);
  expect(labelsIn(getDotGraph(y)), 'the walk is a loop, not a recursion').toHaveLength(40_001);
});

test('the step shows what labels as ids would do, then draws 2(x²)² at 2 as SVG and PNG', async () => {
  const printed = lines.join('\n');
  expect(printed).toMatch('"y = 32"');
  expect(readFileSync('out/step26/byLabel.svg', 'utf8').match(/>Square<\/text>/g)).toHaveLength(1);
  for (const file of ['byLabel.svg', 'graph.svg', 'graph.png']) expect(lines).toContain(`  out/step26/${file}`);
  const svg = readFileSync('out/step26/graph.svg', 'utf8');
  expect(svg.match(/<ellipse /g), 'x, x², two (x²)² and y are ellipses').toHaveLength(5);
  const { format, width } = await sharp('out/step26/graph.png').metadata();
  expect(format, 'a file that ends in .png holds pixels').toBe('png');
  expect(width).toBeGreaterThan(200);
});

test('drawing changes nothing: gradients flow as before', async () => {
  const x = new Variable(2);
  const a = square(x);
  const y = add(square(a), square(a));
  await captured(() => plotDotGraph(y, 'out/step26/graph.svg'));
  y.backward();
  expect(x.grad, 'the derivative of 2(x²)² at 2 is 64').toBe(64);
});
