// builds on step18 and step25, changes: Variable.name, Node, labelOf, getDotGraph, plotDotGraph, memoryInUse, heldBy, deepChain, memoryOf, example
/**
 * Step 26 · Drawing the graph of a Variable.
 *
 * In step 25 we wrote a graph down by hand. For a Variable that is not needed: since step 07 it knows its creator, and
 * the creator its inputs. So the same walk that takes gradients backwards can write DOT on its way. What each node is
 * called matters: by their labels all Squares would be one box. An id for each object, numbered as they are met, keeps
 * them apart, and the same graph always gives the same text.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';

/** A box for a value. */
export class Variable {
  name = ''; // what drawings call it
  grad: number | null = null; // the derivative of the result with respect to this variable; null until it is known
  creator: Func | null = null; // the function that made it; null for a value from outside
  generation = 0; // how many functions lie on the longest way from a value from outside

  constructor(public data: number) {
    if (typeof data === 'number') return;
    throw new TypeError(`Variable takes a number, got type ${typeof data}: convert it, with Number(…)`);
  }

  /** Called by a function on what it has made. */
  setCreator(creator: Func): void {
    this.creator = creator;
    this.generation = creator.generation + 1;
  }

  /** Forgets the gradient, before the variable is used in another calculation. */
  clearGrad(): void {
    this.grad = null;
  }

  /** Passes the gradient, `grad` or else 1, on to all this was computed from; `retainGrad` keeps it in between. */
  backward({ retainGrad = false }: { retainGrad?: boolean } = {}): void {
    this.grad ??= 1; // dy/dy
    for (const f of functionsBehind(this)) {
      const gys = f.outputs.map((y) => y.grad ?? 0); // an output that nobody used has none
      const gxs = [f.backward(...gys)].flat();
      for (const [i, gx] of gxs.entries()) {
        const x = f.input(i);
        x.grad = (x.grad ?? 0) + gx;
      }
      if (!retainGrad) for (const y of f.outputs) y.clearGrad(); // passed on, it has done its work
    }
  }
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  inputs: Variable[] = []; // what it was called with
  outputs: Variable[] = []; // what it made
  generation = 0; // that of its latest input

  /** Opens the boxes, computes, and returns a new box with the result. */
  call(...inputs: Variable[]): Variable {
    return this.callAll(...inputs)[0]!; // forward returns at least one number
  }

  /** The same for a function with several results. All remember where they come from, except under `noGrad`. */
  callAll(...inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = [this.forward(...xs)].flat();
    const outputs = ys.map((y) => new Variable(y));
    if (config.enableGrad) {
      this.generation = Math.max(...inputs.map((x) => x.generation));
      for (const output of outputs) output.setCreator(this);
      this.inputs = inputs;
      this.outputs = outputs;
    }
    return outputs;
  }

  /** Input i, as `backward` needs it. */
  input(i: number): Variable {
    const x = this.inputs[i];
    if (!x) throw new Error(`${this.constructor.name} has no input ${i}: backward returns one gradient an input`);
    return x;
  }

  /** The results from the numbers in the boxes; one result needs no list. */
  abstract forward(...xs: number[]): number | number[];
  /** The inputs' gradients from the outputs' gradients gy: for each input gx = gy · dy/dx. */
  abstract backward(...gys: number[]): number | number[];
}

/** y = x², so gx = gy · 2x. */
export class Square extends Func {
  forward(x: number): number {
    return x ** 2;
  }
  backward(gy: number): number {
    return gy * 2 * this.input(0).data;
  }
}

/** y = x0 + x1, so both gradients are gy. */
export class Add extends Func {
  forward(x0: number, x1: number): number {
    return x0 + x1;
  }
  backward(gy: number): number[] {
    return [gy, gy];
  }
}

/** y = x0 · x1, so gx0 = gy · x1 and gx1 = gy · x0. */
export class Mul extends Func {
  forward(x0: number, x1: number): number {
    return x0 * x1;
  }
  backward(gy: number): number[] {
    return [gy * this.input(1).data, gy * this.input(0).data];
  }
}

export const square = (x: Variable): Variable => new Square().call(x);
export const add = (x0: Variable, x1: Variable): Variable => new Add().call(x0, x1);
export const mul = (x0: Variable, x1: Variable): Variable => new Mul().call(x0, x1);

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

/** The functions on all ways to y, the highest generation first: none comes before those that use what it made. */
export function functionsBehind(y: Variable): Func[] {
  const found = new Set(y.creator ? [y.creator] : []); // the loop also goes through what is added on the way
  for (const f of found) for (const x of f.inputs) if (x.creator) found.add(x.creator);
  return [...found].sort((f, g) => g.generation - f.generation);
}

/** Settings of the engine: whether to record the graph while computing. */
export const config = { enableGrad: true };

/** Runs f without recording a graph; afterwards the setting is what it was, even if f throws. */
export function noGrad<T>(f: () => T): T {
  const before = config.enableGrad;
  config.enableGrad = false;
  try {
    return f();
  } finally {
    config.enableGrad = before;
  }
}

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

/** What is drawn. */
export type Node = Variable | Func;

/** The words in a node: a function's class, a variable's name and value. */
export function labelOf(node: Node): string {
  if (node instanceof Func) return node.constructor.name;
  return node.name ? `${node.name} = ${node.data}` : String(node.data);
}

/** y and all it was computed from, in DOT: boxes for functions, ellipses for variables, arrows as the values flow. */
export function getDotGraph(y: Variable, idOf = (_node: Node, count: number) => `n${count}`): string {
  const ids = new Map<Node, string>([[y, idOf(y, 0)]]); // the loop also goes through what is added on the way
  const lines: string[] = [];
  for (const [node, id] of ids) {
    lines.push(dotNode(id, labelOf(node), node instanceof Func ? looks.func : looks.variable));
    const before = node instanceof Func ? node.inputs : node.creator ? [node.creator] : [];
    for (const from of before) {
      const known = ids.get(from) ?? idOf(from, ids.size);
      ids.set(from, known); // a Map takes each only once: a variable used twice is one node with two arrows
      lines.push(dotEdge(known, id));
    }
  }
  return dotGraph(lines);
}

/** Draws the graph of y into a file that ends in .svg or .png. The PNG is the same drawing in pixels, on white. */
export async function plotDotGraph(y: Variable, file: string): Promise<void> {
  const svg = await renderSvg(getDotGraph(y));
  if (!file.endsWith('.png')) return save(file, svg);
  save(file, await sharp(Buffer.from(svg), { density: 144 }).flatten({ background: 'white' }).png().toBuffer());
}

export async function main(): Promise<void> {
  const x = new Variable(2);
  x.name = 'x';
  const a = square(x);
  const y = add(square(a), square(a));
  y.name = 'y';

  const merged = getDotGraph(y, (node) => quote(labelOf(node)));
  console.log('y = 2(x²)² at 2 has 9 nodes. Called by their labels, all squares are one box, in a circle:');
  save('out/step26/byLabel.svg', await renderSvg(merged));

  console.log('\nnumbered as they are met, from y backwards:');
  console.log(getDotGraph(y));
  await plotDotGraph(y, 'out/step26/graph.svg');
  await plotDotGraph(y, 'out/step26/graph.png');

  console.log('\nunder noGrad nothing is remembered, so there is nothing to draw but the result:');
  console.log(getDotGraph(noGrad(() => square(x))));
}

if (require.main === module) void main();
