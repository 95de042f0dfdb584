/**
 * Trains the built-in backbone: SqueezeNetSmall learns to tell the drawn creatures that are neither ants nor bees apart, and its weights
 * are written beside this file. `npx ts-node dezero/models/pretrained/train.ts` takes some minutes.
 * @since 53
 */
import { DataLoader, Drawn, drawnEval, drawnTrain, trainedKinds } from '../../data';
import { setSeed } from '../../ndarray';
import { AdamW, clipGrads, cosine } from '../../optimizers';
import { runMain } from '../../utils';
import { builtInWeights } from '../antsAndBees';
import { reporter } from '../reporter';
import { SqueezeNetSmall } from '../squeezenet';
import { Trainer } from '../trainer';

const SEED = 20161126;

async function main(): Promise<void> {
  const kinds = trainedKinds;
  const train = await Drawn.open({
    split: 'train',
    kinds,
    perClass: 400,
    seed: SEED,
    transform: drawnTrain({ seed: SEED }),
  });
  const val = await Drawn.open({ split: 'val', kinds, perClass: 40, seed: SEED, transform: drawnEval() });
  setSeed(SEED);
  const model = new SqueezeNetSmall({ classes: kinds.length });
  const trainer = new Trainer(model, {
    train: new DataLoader(train, { batch: 32, shuffle: true, seed: SEED }),
    val: new DataLoader(val, { batch: 32 }),
    seed: SEED,
    phases: [
      {
        name: 'all',
        epochs: 40,
        optimizer: (steps) =>
          new AdamW({ lr: 3e-3, schedule: cosine({ steps, warmup: 100 }) }).setup(model).addHook(clipGrads(1)),
      },
    ],
    ...reporter(),
  });
  await trainer.run();
  await model.save(builtInWeights());
}

void runMain(main);
