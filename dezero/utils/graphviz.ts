import { renderDot } from '#graphviz';
import { Variable, type Func } from '../core';
import { DTypeError, ValueError } from '../ndarray';
import { INK, writeDrawing } from './drawing';

/** How a graph is drawn. @since 28 */
export interface DotGraphOptions {
  /** Every variable, also those without a name in between, with shape and element type; default false. @since 28 */
  readonly verbose?: boolean;
}

/** How and where a graph is drawn. @since 28 */
export interface PlotDotGraphOptions extends DotGraphOptions {
  /** The file, its name ending in .svg or .png; default out/graph.svg. @since 28 */
  readonly to?: string;
}

type Node = Variable | Func;

// Dark words on light nodes, light words on dark ones: nodes are read alike on a white page and on a dark one (#1b1b1f).
const LOOKS = {
  variable: 'shape=ellipse, style=filled, fillcolor="#f6dfa9", color="#b98a2c", fontcolor="#222222"',
  parameter: 'shape=ellipse, style=filled, fillcolor="#bfe3c6", color="#3f8f58", fontcolor="#222222", peripheries=2',
  constant: `shape=plain, style="", fontcolor="${INK}"`,
};
const HEAD = [
  'digraph {',
  '  graph [bgcolor=transparent, nodesep=0.15, ranksep=0.2]',
  '  node [shape=box, style="filled,rounded", fillcolor="#3569a8", color="#3569a8", fontcolor="#ffffff"]',
  '  node [fontname=Helvetica, fontsize=12, width=0.3, height=0.3, margin="0.13,0.03"]',
  `  edge [color="${INK}", arrowsize=0.6]`,
];
const HURRY = '  graph [nslimit=2, nslimit1=2, mclimit=0.3]'; // for a large graph: a coarser layout, in a third of the time
const LARGE = 400;
const TOO_LARGE = 3000;

/**
 * The graph that leads to y, or to several, in the DOT language: boxes for functions, ellipses for variables, with a double
 * line for parameters, and bare words for constants. A variable without a name shows its number or its shape, as in `2x3`;
 * one in between is left out unless `verbose`. The same graph gives the same text: nodes are numbered as they are met, from
 * y backwards.
 * @throws DTypeError for what is no Variable; ValueError if there is nothing to draw.
 * @example
 * const x = variable(2, 'x');
 * getDotGraph(x.mul(x)).match(/label="\w+"/g);
 * // → [ 'label="4"', 'label="Mul"', 'label="x"' ]
 * @since 28
 */
export function getDotGraph(y: Variable | readonly Variable[], { verbose = false }: DotGraphOptions = {}): string {
  const ends = new Set(y instanceof Variable ? [y] : checkEnds(y));
  const isDrawn = (x: Variable) => verbose || x.name !== null || ends.has(x);
  const ids = new Map<Node, string>();
  const idOf = (node: Node) => {
    const id = ids.get(node) ?? `n${ids.size}`;
    ids.set(node, id);
    return id;
  };
  ends.forEach(idOf);
  const lines = [...HEAD];
  // A Map also goes through what is added on the way, and nothing twice: no cycle holds it up.
  for (const [node, id] of ids) {
    lines.push(`  ${id} [${node instanceof Variable ? lookOf(node, verbose) : lookOfFunc(node)}]`);
    const behind = node instanceof Variable ? [node.creator] : node.inputs;
    for (const from of behind.map((x) => (x instanceof Variable && x.creator && !isDrawn(x) ? x.creator : x))) {
      if (from) lines.push(`  ${idOf(from)} -> ${id}`);
    }
  }
  if (ids.size > LARGE) lines.push(HURRY);
  return [...lines, '}', ''].join('\n');
}

/**
 * Draws the graph that leads to y into a file, and makes its folder; returns the path. An SVG has no background, a PNG a
 * white one, and two pixels for each of the SVG's.
 * @throws ValueError for another ending than .svg or .png, and for more than 3000 nodes; DataError if the file cannot be
 * written; as `getDotGraph`.
 * @example
 * const x = variable(2, 'x');
 * await plotDotGraph(x.mul(x), { to: 'out/square.svg' }); // → out/square.svg
 * @since 28
 */
export function plotDotGraph(
  y: Variable | readonly Variable[],
  { to = 'out/graph.svg', verbose }: PlotDotGraphOptions = {},
): Promise<string> {
  return writeDrawing('plotDotGraph', to, async () => {
    const dot = getDotGraph(y, { verbose });
    const size = dot.split(' [label=').length - 1;
    if (size > TOO_LARGE) {
      throw new ValueError(`plotDotGraph: nobody can read a picture of ${size} nodes (${TOO_LARGE} at most); draw an earlier variable`); // prettier-ignore
    }
    return renderDot(dot);
  });
}

function checkEnds(ys: readonly Variable[]): readonly Variable[] {
  const given: unknown = ys;
  if (!Array.isArray(given) || !given.every((y) => y instanceof Variable)) {
    throw new DTypeError('getDotGraph: expected a Variable, or an array of them: only a Variable remembers its graph');
  }
  if (ys.length === 0) throw new ValueError('getDotGraph: the array is empty, so there is nothing to draw');
  return ys;
}

function lookOfFunc(f: Func): string {
  // What it was made with, as in Pow c=3.
  const settings = Object.entries(f).filter(([key, value]) => key !== 'generation' && typeof value === 'number');
  return `label=${quote([f.name, ...settings.map(([key, value]) => `${key}=${value}`)].join(' '))}`;
}

function lookOf(x: Variable, verbose: boolean): string {
  const isParameter = x.constructor !== Variable; // the one kind of variable that has a class of its own
  const look = isParameter ? LOOKS.parameter : !x.creator && !x.requiresGrad ? LOOKS.constant : LOOKS.variable;
  const shape = x.ndim === 0 ? 'scalar' : x.ndim === 1 ? `(${x.shape[0]})` : x.shape.join('x');
  const title = x.name ?? numberIn(x);
  const lines = verbose ? [title, `${shape} ${x.dtype}`] : [title ?? shape];
  return `label=${quote(lines.filter((line) => line !== null).join('\n'))}, ${look}`;
}

/** The one number in a variable, rounded; null where there are more, or none that can be read. */
function numberIn(x: Variable): string | null {
  if (x.size !== 1 || x.device !== 'cpu' || x.data.storage.freed) return null;
  return String(Number(x.item().toPrecision(4)));
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
