// builds on nothing
/**
 * Step 25 · Drawing a graph: the DOT language and graphviz.
 *
 * We want to see the graphs that the engine builds. Drawn by hand, every node needs a place, and all of them another
 * one as soon as a node is added. In the language DOT one only says what there is: nodes, arrows, how they look.
 * Graphviz finds the places; graphviz-cli brings it along as WebAssembly, so that nothing else has to be installed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How nodes look. Filled ones are read alike on a white page and on a dark one. */
export const looks = {
  func: 'shape=box, style="filled,rounded", fillcolor="#3569a8", color="#3569a8", fontcolor="#ffffff"',
  variable: 'shape=ellipse, style=filled, fillcolor="#f6dfa9", color="#b98a2c", fontcolor="#222222"',
};

/** Text as DOT takes it: in quotes, and with a backslash before what would end them. */
export const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** A node: its id, by which arrows know it, the words in it, and its look. */
export const dotNode = (id: string, label: string, look: string): string => `  ${id} [label=${quote(label)}, ${look}]`;

/** An arrow from one node to another, by their ids. */
export const dotEdge = (from: string, to: string): string => `  ${from} -> ${to}`;

/** A whole graph; `digraph` says that its edges have a direction. Words are in ASCII: of those graphviz knows the widths. */
export function dotGraph(lines: readonly string[]): string {
  const settings = [
    '  graph [bgcolor=transparent, ranksep=0.25]',
    '  node [fontname=Helvetica, fontsize=13, height=0.35, margin="0.12,0.04"]',
    '  edge [color="#777d86", arrowsize=0.7]', // a mid tone, for it lies on the page itself
  ];
  return ['digraph {', ...settings, ...lines, '}'].join('\n');
}

/** Lets graphviz find the places: DOT in, SVG out. It is loaded when it is first needed. */
export async function renderSvg(dot: string): Promise<string> {
  const { renderGraphFromSource } = await import('graphviz-cli');
  const svg = await renderGraphFromSource({ input: dot }, { format: 'svg' });
  return svg.slice(svg.indexOf('<svg'));
}

/** Writes a picture into a file, and says where it is. */
export function save(file: string, picture: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, picture);
  console.log(`  ${file}`);
}

/** The graph of y = (x + 1)² · x, written down by hand. */
export function example(): string {
  return dotGraph([
    ...[dotNode('x', 'x', looks.variable), dotNode('one', '1', looks.variable), dotNode('y', 'y', looks.variable)],
    ...[dotNode('f1', 'Add', looks.func), dotNode('f2', 'Square', looks.func), dotNode('f3', 'Mul', looks.func)],
    ...[dotEdge('x', 'f1'), dotEdge('one', 'f1'), dotEdge('f1', 'f2'), dotEdge('f2', 'f3'), dotEdge('x', 'f3')],
    dotEdge('f3', 'y'),
  ]);
}

export async function main(): Promise<void> {
  const smallest = 'digraph { x -> Square -> y }';
  console.log(`a whole graph in DOT: ${smallest}`);
  save('out/step25/smallest.svg', await renderSvg(smallest));

  console.log('\nan id is made of letters and digits:');
  const naive = 'digraph { x^2 -> y }';
  console.log(`  ${naive}   ${await renderSvg(naive).catch((error: Error) => error.message.trim())}`);
  const quoted = `digraph { ${quote('x^2')} -> y }`;
  console.log(`  ${quoted} is drawn: ${(await renderSvg(quoted)).includes('>x^2</text>')}`);

  console.log('\ny = (x + 1)² · x: x has one id, so it is one node, however many arrows leave it');
  console.log(example());
  save('out/step25/graph.svg', await renderSvg(example()));
}

if (require.main === module) void main();
