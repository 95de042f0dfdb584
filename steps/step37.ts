/**
 * Step 37 · Optimizers: eight ways down the same valley.
 *
 * Until now we moved parameters by hand: p ← p − lr·gradient. In a long valley, steep across and flat along, that is slow: a rate
 * that suits the steep direction crawls along the flat one. Optimizers remember: momentum the way so far, AdaGrad and its children how
 * steep each direction was, Adam both. They share one shape, `setup(layer)` and `update()`, so that a training loop need not know which.
 */
import { array, Parameter, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { writeFileSafely } from 'dezero/io';
import { Layer } from 'dezero/layers';
import * as O from 'dezero/optimizers';
import { animateLines, checkFinite, plotSvg, type Diagram } from 'dezero/utils';

/** A place (x, y) in the valley x²/20 + y². */
export class Valley extends Layer {
  readonly place = new Parameter(array([-7, 2]), 'place');

  /** The height at the place. */
  override forward(): Variable {
    return F.sum(F.mul(F.square(this.place), array([1 / 20, 1])));
  }
}

/** The racers, each at a rate that suits it. */
export const racers: Readonly<Record<string, () => O.Optimizer>> = {
  SGD: () => new O.SGD({ lr: 0.9 }),
  MomentumSGD: () => new O.MomentumSGD({ lr: 0.1 }),
  NesterovSGD: () => new O.NesterovSGD({ lr: 0.1 }),
  AdaGrad: () => new O.AdaGrad({ lr: 1.5 }),
  AdaDelta: () => new O.AdaDelta({ lr: 3, eps: 1e-3 }),
  RMSprop: () => new O.RMSprop({ lr: 0.3, alpha: 0.9 }),
  Adam: () => new O.Adam({ lr: 0.4 }),
  AdamW: () => new O.AdamW({ lr: 0.4, weightDecay: 0.1 }),
};

/** The places and heights on the way down. */
export interface Way {
  readonly places: [number, number][];
  readonly heights: number[];
}

/** One run from (−7, 2): the same loop for every optimizer. */
export function race(optimizer: O.Optimizer, iterations: number): Way {
  const valley = new Valley();
  optimizer.setup(valley);
  const way: Way = { places: [], heights: [] };
  for (let i = 0; i <= iterations; i++) {
    const height = checkFinite(valley.call()); // if it is NaN or infinite: who made it so?
    const [x = 0, y = 0] = valley.place.values;
    way.places.push([x, y]);
    way.heights.push(height.item());
    valley.clearGrads();
    height.backward();
    optimizer.update();
  }
  return way;
}

/** Where one step of SGD at rate 0.1 leads from 1. An optimizer looks at gradients only: here we write one, the slope, by hand. */
export function oneStep(slope: number, ...hooks: O.Hook[]): number {
  const valley = new Valley();
  valley.place.data = array([1, 0]);
  valley.place.grad = variable([slope, 0]);
  const optimizer = new O.SGD({ lr: 0.1 }).setup(valley);
  for (const hook of hooks) optimizer.addHook(hook);
  optimizer.update();
  return valley.place.getItem(0).item();
}

export async function main(): Promise<void> {
  console.log('x²/20 + y² from (-7, 2): height after 10, 30 and 60 steps');
  const series = [];
  for (const [name, make] of Object.entries(racers)) {
    const { places, heights } = race(make(), 60);
    const after = [10, 30, 60].map((i) => (heights[i] ?? NaN).toExponential(1).padStart(8));
    console.log(`  ${name.padEnd(12)}${after.join(' ')}`);
    series.push({ name, points: places.slice(0, 41) });
  }
  const chart: Diagram = {
    title: '40 steps down one valley',
    x: { label: 'x', range: [-8, 4] },
    y: { label: 'y', range: [-3, 3] },
    contours: { of: (x, y) => x ** 2 / 20 + y ** 2 },
    series,
    size: { width: 560, height: 300 },
  };
  const animated = animateLines(await plotSvg(chart));
  await writeFileSafely('out/step37/race.svg', new TextEncoder().encode(animated));
  console.log('  out/step37/race.svg (animated: open it in a browser)');

  // A rate that falls: large steps first, small ones at the end. SGD with a rate that is too high finds its way after all.
  const steady = race(new O.SGD({ lr: 1.02 }), 60).heights.at(-1);
  const falling = race(new O.SGD({ lr: 1.02, schedule: O.cosine({ steps: 60 }) }), 60).heights.at(-1);
  console.log(`SGD at rate 1.02: ${steady?.toFixed(3)}; the same, falling along a cosine: ${falling?.toFixed(3)}`);

  // A rate that is far too high ends at infinity, and checkFinite says in which operation.
  try {
    race(new O.SGD({ lr: 50 }), 200);
  } catch (error) {
    console.log(`SGD at rate 50: ${(error as Error).message}`);
  }

  // Hooks change the gradients before the update.
  const [steep, clipped] = [oneStep(1000), oneStep(1000, O.clipGrads(1))];
  const [flat, decayed] = [oneStep(0), oneStep(0, O.weightDecay(0.5))];
  console.log(`one step from 1, slope 1000: to ${steep.toFixed(2)}; with clipGrads(1): to ${clipped.toFixed(2)}`);
  console.log(`one step from 1, slope 0: to ${flat.toFixed(2)}; with weightDecay(0.5): to ${decayed.toFixed(2)}`);
}

if (require.main === module) void main();
