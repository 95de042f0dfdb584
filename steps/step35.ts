/**
 * Step 35 · Layers that own their parameters.
 *
 * Step 34 kept a list of parameters beside the formula, by hand. Leave one out, and nothing complains: it just is never trained. So let
 * what computes with a parameter own it. A Layer finds what was assigned to its fields, parameters and layers and lists of
 * layers, and gives each parameter a name: the path that leads to it. A Parameter is a Variable that says "train me"; a Linear makes
 * its own two, of the right shape as soon as it sees its first input.
 */
import { Layer, noGrad, Parameter, rand, randn, setSeed, variable, zeros, type Operand, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import * as L from 'dezero/layers';

/** A layer from scratch: what is a Parameter is trained, what is a Variable is not. */
export class Line extends Layer {
  readonly slope = new Parameter(zeros([1, 1]), 'slope');
  readonly height = new Parameter(zeros([1]), 'height');
  readonly scale = variable(2);

  override forward(x: Operand): Variable {
    return F.linear(x, this.slope, this.height).mul(this.scale);
  }
}

/** Layers in a layer: step 34's network. */
export class TwoLayers extends Layer {
  readonly first = new L.Linear(10);
  readonly second = new L.Linear(1);

  override forward(x: Operand): Variable {
    return this.second.call(F.sigmoid(this.first.call(x)));
  }
}

/** And layers in a list in a layer: the mean of several networks. */
export class Committee extends Layer {
  readonly members = [new TwoLayers(), new TwoLayers()];

  override forward(x: Operand): Variable {
    const [first, ...others] = this.members.map((member) => member.call(x));
    return others.reduce((sum, y) => sum.add(y), first ?? variable(0)).div(this.members.length);
  }
}

/** The names of all parameters, with their shapes; a dash where the first call has yet to tell. */
export function namesOf(layer: Layer): string[] {
  return [...layer.parameters()].map(([path, p]) => `${path} ${p.ready ? `(${p.shape.join(', ')})` : '-'}`);
}

/** Points near sin(2πx), (60, 1) each, as in step 34, but in float32 like the parameters. */
export function measure(): { x: Variable; t: Variable } {
  const x = variable(rand([60, 1], { seed: 3, dtype: 'float32' }));
  const errors = randn([60, 1], { seed: 4, dtype: 'float32' });
  return { x, t: noGrad(() => F.sin(x.mul(2 * Math.PI)).add(F.mul(0.1, errors))) };
}

/** Trains what the layer owns, or only the parameters of a list made by hand; returns the losses. */
export function fit(
  layer: Layer,
  { x, t }: { x: Variable; t: Variable },
  { lr = 0.3, iterations = 0, parameters = [...layer.parameters()].map(([, p]): Variable => p) } = {},
): number[] {
  return Array.from({ length: iterations + 1 }, () => {
    const loss = F.meanSquaredError(layer.call(x), t);
    layer.clearGrads();
    loss.backward();
    for (const p of parameters) p.data = noGrad(() => p.sub(F.mul(lr, p.grad ?? 0))).data;
    return loss.item();
  });
}

const some = (losses: readonly number[], every: number) =>
  losses.flatMap((loss, i) => (i % every === 0 ? [loss.toFixed(4)] : [])).join('  ');

export function main(): void {
  const points = measure();
  console.log('What each layer finds in its fields:');
  console.log(`  Line        ${namesOf(new Line()).join(' · ')}`);
  setSeed(4);
  const network = new TwoLayers();
  console.log(`  TwoLayers   ${namesOf(network).join(' · ')}`);
  network.call(points.x);
  console.log(`    called    ${namesOf(network).join(' · ')}`);
  console.log(`  Committee   ${namesOf(new Committee()).join('\n              ')}`);

  console.log('\nPoints near sin(2πx). The loss, every 400 iterations:');
  setSeed(4);
  const same = new TwoLayers();
  const byHand = [same.first.weight, same.second.weight, same.second.bias ?? variable(0)]; // which one is missing?
  const half = fit(same, points, { iterations: 800, parameters: byHand });
  console.log(`  a list made by hand   ${some(half, 400)}   and no error says what is missing`);
  const whole = fit(network, points, { iterations: 2000 });
  console.log(`  what the layer owns   ${some(whole, 400)}\n`);

  try {
    network.call(randn([60, 2], { seed: 0, dtype: 'float32' }));
  } catch (error) {
    console.log(`A layer made for one input, given two: ${(error as Error).message}`);
  }
}

if (require.main === module) main();
