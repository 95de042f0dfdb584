/** Graphs drawn from a few lines of the DOT language, in the looks of the package's own drawings, light and dark. */
import { createRequire } from 'node:module';
import { Mistake } from './mistake';

const known = new Map<string, string>();
const WORDS = new Set(['node', 'edge', 'graph', 'subgraph', 'digraph', 'strict']);

/** Names with a capital are functions, in boxes; others are variables, in ellipses. Returns an SVG that takes its colours from the page. */
export function drawGraph(body: string): string {
  const before = known.get(body);
  if (before !== undefined) return before;
  if (body.trim() === '') throw new Mistake('an empty graph: write edges, x -> Square -> y');
  const looks = nodesOf(body).map((node) =>
    /^[A-Z]/.test(node)
      ? `  ${node} [class="func", label="${node.replace(/\d+$/, '')}", shape=box, style="rounded,filled"]`
      : `  ${node}`,
  );
  const dot = [
    'digraph {',
    '  graph [bgcolor=transparent, rankdir=LR, nodesep=0.25, ranksep=0.35]',
    '  node [class="variable", shape=ellipse, style=filled, fontname=Helvetica, fontsize=13, width=0.4, height=0.35, margin="0.12,0.05"]',
    '  edge [arrowsize=0.7, fontname=Helvetica, fontsize=12]',
    ...looks,
    body,
    '}',
  ].join('\n');
  const drawing = tidy(render(dot));
  known.set(body, drawing);
  return drawing;
}

type Graphviz = (dot: string, options: { readonly format: 'svg' }) => string;
let graphviz: Graphviz | null = null;

/** graphviz as WebAssembly, which graphviz-cli brings along, loaded when it is first asked for. */
function load(): Graphviz {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const loaded = createRequire(__filename)('@aduh95/viz.js/sync') as Graphviz;
  // Its listeners would print its whole text when anything goes wrong anywhere
  events.forEach((event, i) => {
    for (const one of process.listeners(event as 'uncaughtException')) {
      if (!before[i]?.includes(one)) process.off(event, one);
    }
  });
  return loaded;
}

/** A graph in the DOT language as SVG. */
export function render(dot: string): string {
  try {
    const draw = (graphviz ??= load());
    return unmasked(dot, (input) => draw(input, { format: 'svg' }));
  } catch (error) {
    throw new Mistake(`graphviz cannot read the graph: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** graphviz knows how wide ASCII is, and no more: other signs are played by letters that the graph does not use. */
function unmasked(dot: string, draw: (dot: string) => string): string {
  const free = [...'HNUVKAXYBRDCGQOZ%@MW'].filter((letter) => !dot.includes(letter));
  const cast = new Map([...new Set(dot.match(/\P{ASCII}/gu))].map((sign) => [sign, free.shift() ?? sign]));
  const signs = new Map([...cast].map(([sign, letter]) => [letter, sign]));
  const svg = draw(dot.replace(/\P{ASCII}/gu, (sign) => cast.get(sign) ?? sign));
  return svg.replace(/[^>]*<\/text>/g, (text) => text.replace(/./gu, (letter) => signs.get(letter) ?? letter));
}

/** The names of nodes: words outside of brackets and quotes. */
function nodesOf(body: string): string[] {
  const bare = body
    .replace(/"(?:\\.|[^"\\])*"/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/(#|\/\/).*$/gm, '')
    .replace(/\w+\s*=\s*[\w.]*/g, ''); // rankdir=TB
  const words = bare.match(/[A-Za-z_]\w*/g) ?? [];
  return [...new Set(words)].filter((word) => !WORDS.has(word) && !word.startsWith('cluster'));
}

/** Colours come from the page's style sheet, by class; what only a tool needs goes. */
export function tidy(svg: string): string {
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(/<!--.*?-->\n?/gs, '')
    .replace(/<title>.*?<\/title>\n?/gs, '')
    .replace(/ id="[^"]*"/g, '')
    .replace(/ (fill|stroke)="(?!none)[^"]*"/g, '')
    .replace(/ font-family="[^"]*"/g, '')
    .replace(/ xmlns:xlink="[^"]*"/g, '')
    .replace(/(width|height)="(\d+)pt"/g, '$1="$2"')
    .replace('<svg', '<svg class="dot"')
    .trim();
}
