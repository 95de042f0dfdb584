import type { Mutation } from '../mutation';

export const step26: Mutation[] = [
  {
    concept: 'does each node have an id of its own',
    file: 'steps/step26.ts',
    find: 'idOf: (node: Node) => string = numbered()',
    replace: 'idOf: (node: Node) => string = (node) => quote(labelOf(node))',
  },
  {
    concept: 'an arrow points as the values flow',
    file: 'steps/step26.ts',
    find: 'dotEdge(idOf(from), idOf(node))',
    replace: 'dotEdge(idOf(node), idOf(from))',
  },
  {
    concept: 'does the walk go on behind each creator',
    file: 'steps/step26.ts',
    find: 'node.creator ? [node.creator] : []',
    replace: '[]',
  },
  {
    concept: 'is a node that was met before drawn again',
    file: 'steps/step26.ts',
    find: 'const nodes = new Set<Node>([y]);',
    replace: 'const nodes = Object.assign([y] as Node[], { add: (node: Node) => void nodes.push(node) });',
  },
];
