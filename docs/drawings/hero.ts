import { drawGraph } from '../plugins/graph';

/** What is under every network: the graph of a small one, from the picture to the loss. */
export function draw(): string {
  return drawGraph(`
rankdir=TB
nodesep=0.3
ranksep=0.25
x -> Linear1
w1 [label="W"]
b1 [label="b"]
w1 -> Linear1
b1 -> Linear1
Linear1 -> ReLU -> Linear2
w2 [label="W"]
b2 [label="b"]
w2 -> Linear2
b2 -> Linear2
Linear2 -> y -> SoftmaxCrossEntropy
t -> SoftmaxCrossEntropy -> loss
`);
}
