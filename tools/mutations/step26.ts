import type { Mutation } from '../mutation';

export const step26: Mutation[] = [
  {
    concept: 'does each node have an id of its own',
    file: 'steps/step26.ts',
    find: 'idOf = (_node: Node, count: number) => `n${count}`',
    replace: 'idOf = (node: Node, _count: number) => quote(labelOf(node))',
  },
  {
    concept: 'an arrow points as the values flow',
    file: 'steps/step26.ts',
    find: 'dotEdge(known, id)',
    replace: 'dotEdge(id, known)',
  },
  {
    concept: 'does the walk go on behind each creator',
    file: 'steps/step26.ts',
    find: 'node.creator ? [node.creator] : []',
    replace: '[]',
  },
  {
    concept: 'a variable used twice is one node with two arrows',
    file: 'steps/step26.ts',
    find: 'ids.get(from) ?? idOf(from, ids.size)',
    replace: 'idOf(from, ids.size)',
  },
];
