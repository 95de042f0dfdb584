import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { dotEdge, dotGraph, dotNode, example, looks, main, quote, renderSvg } from '../steps/step25';
import { captured } from './captured';

let lines: string[];
beforeAll(async () => {
  lines = await captured(main);
});

/** The words in a drawing, and how many arrows it has. */
const wordsIn = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, word]) => word).sort();
const arrowsIn = (svg: string) => [...svg.matchAll(/<title>([^<]*)&#45;&gt;([^<]*)<\/title>/g)].map(([, a, b]) => `${a} ${b}`); // prettier-ignore

test('the step draws the smallest graph there is: three nodes and two arrows in one line', () => {
  expect(lines[0]).toContain('digraph { x -> Square -> y }');
  expect(lines, 'the path of the picture is printed: does save print it?').toContain('  out/step25/smallest.svg');
  const svg = readFileSync('out/step25/smallest.svg', 'utf8');
  expect(wordsIn(svg), 'x, Square and y stand in the picture: is the DOT text given to graphviz?').toEqual(['Square', 'x', 'y']); // prettier-ignore
  expect(arrowsIn(svg).sort()).toEqual(['Square y', 'x Square']);
});

test('the step draws y = (x + 1)² · x as an SVG: six nodes, six arrows, and x only once', () => {
  expect(lines).toContain('  out/step25/graph.svg');
  const svg = readFileSync('out/step25/graph.svg', 'utf8');
  expect(svg, 'the file holds a drawing: is the format svg?').toMatch(/^<svg [^]*<\/svg>\s*$/);
  expect(wordsIn(svg)).toEqual(['1', 'Add', 'Mul', 'Square', 'x', 'y']);
  expect(
    arrowsIn(svg).sort(),
    'an arrow goes from the first node to the second: does dotEdge turn them round?',
  ).toEqual(
    ['f1 f2', 'f2 f3', 'f3 y', 'one f1', 'x f1', 'x f3'], // sorted
  );
});

test('a name with signs in it is refused as it stands, and drawn in quotes', () => {
  expect(lines.join('\n'), 'graphviz says where it stopped: is its error shown?').toMatch("syntax error in line 1 near '^'"); // prettier-ignore
  expect(lines.join('\n')).toMatch('"x^2" -> y } is drawn: true');
});

test('quotes and backslashes inside a label survive: each gets a backslash before it', async () => {
  const backslash = 'a quote in a label would end it: quote puts a backslash before it';
  expect(quote('say "hi"'), backslash).toBe('"say \\"hi\\""');
  const svg = await renderSvg(dotGraph([dotNode('a', 'say "hi" \\N', looks.func)]));
  expect(wordsIn(svg), backslash).toEqual(['say &quot;hi&quot; \\N']);
});

test('a digraph has arrows: its edges have a direction', async () => {
  const dot = dotGraph([dotEdge('a', 'b')]);
  expect(dot, "a graph with arrows begins with 'digraph': a 'graph' knows only lines").toMatch(/^digraph \{\n/);
  expect(arrowsIn(await renderSvg(dot))).toEqual(['a b']);
});

test('functions are boxes and variables ellipses, on no background of their own', async () => {
  const svg = await renderSvg(example());
  expect(svg.match(/<ellipse /g), 'x, 1 and y are ellipses: which look do variables have?').toHaveLength(3);
  expect(svg, 'the page shows through, light or dark: is the background transparent?').not.toMatch('fill="white"');
});
