/** What each step of the course needs, read off the steps themselves. */
import { nameOfStep } from '../../tools/stepNumbers';
import type { Book } from '../plugins/book';
import { render, tidy } from '../plugins/graph';
import { PARTS } from '../site/parts';
import { needs, short } from '../site/needs';

/** All steps, with an arrow from what a step needs to the step. */
export function draw(book: Book): string {
  const edges = book.steps.flatMap((step) => needs(book, step).map((from) => [from, step] as const));
  const node = (step: number) => {
    const name = nameOfStep(step);
    const link = book.hasPage(`${name}.md`) ? `, URL="./${name}.html"` : '';
    return `    s${step} [label="${step} ${short(book.titleOf(step))}"${link}]`;
  };
  const parts = PARTS.map(({ from, to }, i) => {
    const steps = book.steps.filter((step) => from <= step && step <= to);
    return `  subgraph part${i} {\n    node [class="part${i + 1}"]\n${steps.map(node).join('\n')}\n  }`;
  });
  const dot = [
    'digraph {',
    '  graph [bgcolor=transparent, rankdir=TB, nodesep=0.12, ranksep=0.22]',
    '  node [shape=box, style="rounded,filled", fontname=Helvetica, fontsize=12, height=0.26, width=0.3, margin="0.08,0.02"]',
    '  edge [arrowsize=0.5]',
    ...parts,
    ...withoutDetours(edges).map(([from, to]) => `  s${from} -> s${to}`),
    '}',
  ].join('\n');
  return tidy(render(dot)).replaceAll('xlink:href', 'href').replaceAll(' xlink:title', ' data-title').replace('class="dot"', 'class="dot map"'); // prettier-ignore
}

type Edge = readonly [from: number, to: number];

/** Arrows that other arrows make unnecessary go: what is needed by something that is needed need not be said. */
export function withoutDetours(edges: readonly Edge[]): Edge[] {
  const reach = (from: number, to: number, except: Edge): boolean =>
    edges.some((edge) => edge !== except && edge[0] === from && (edge[1] === to || (edge[1] < to && reach(edge[1], to, except)))); // prettier-ignore
  return edges.filter((edge) => !reach(edge[0], edge[1], edge));
}
