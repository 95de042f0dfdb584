/**
 * Step 53 · Fine-tuning: a network that has seen a million photos learns to tell ants from bees.
 *
 * First a new head is trained on the frozen network, then every layer, with smaller steps the deeper it lies. The result is saved,
 * loaded into a fresh network and judged by pictures it has never seen. `npm start -- --help` lists the options.
 */
import { setDevice, setSeed, type Model } from 'dezero';
import { DataLoader } from 'dezero/data';
import { removeFile } from 'dezero/io';
import * as M from 'dezero/models';
import { AdamW, clipGrads, cosine, LossScaler, type Group } from 'dezero/optimizers';
import { onInterrupt, parseFineTuneOptions, resumeCommand, runMain, type FineTuneOptions } from 'dezero/utils';

/** Epochs of a new head alone and of all layers; learning rates of the new head, of head, later and earlier layers, of all from scratch. */
const PHOTOS = { headEpochs: 3, epochs: 5, first: 2e-3, head: 3e-4, late: 6e-5, early: 2e-5, scratch: 1e-3 };
const DRAWINGS = { headEpochs: 3, epochs: 14, first: 3e-3, head: 4e-3, late: 3e-3, early: 2e-3, scratch: 3e-3 };
const LARGE = { headEpochs: 1, epochs: 2, first: 1e-3, head: 1e-4, late: 3e-5, early: 1e-5, scratch: 1e-4 };

/** Which layers are the head, new for two classes, and which lie near the picture. */
const SQUEEZENET = { newHead: ['classifier.1'], nearPicture: [0, 3, 4, 5, 6, 7].map((i) => `features.${i}`) };
const VGG = { newHead: ['classifier.6'], nearPicture: ['features'] };
const RESNET = { newHead: ['fc'], nearPicture: ['conv1', 'bn1', 'layer1', 'layer2'] };
export const RECIPES = {
  squeezenet1_0: { ...PHOTOS, ...SQUEEZENET },
  squeezenet1_1: { ...PHOTOS, ...SQUEEZENET },
  squeezenet_small: { ...DRAWINGS, ...SQUEEZENET },
  vgg16: { ...LARGE, ...VGG },
  resnet18: { ...PHOTOS, ...RESNET },
};
type Recipe = (typeof RECIPES)[keyof typeof RECIPES];
const lies = (path: string, layers: readonly string[]) => layers.some((layer) => path.startsWith(`${layer}.`));

/** Which parameters get which rate: the head the highest, the layers nearest the picture the lowest. */
export function ratesByDepth(model: Model, { head, late, early, newHead, nearPicture }: Recipe) {
  const all = [...model.parameters()];
  const isHead = (path: string) => lies(path, newHead);
  const isEarly = (path: string) => lies(path, nearPicture);
  return [
    { params: all.filter(([path]) => isEarly(path)), lr: early },
    { params: all.filter(([path]) => !isEarly(path) && !isHead(path)), lr: late },
    { params: all.filter(([path]) => isHead(path)), lr: head },
  ];
}

/** The two phases; a network without trained weights has nothing to freeze and learns everything at one rate. */
export function phases(model: Model, recipe: Recipe, pretrained: boolean): M.Phase[] {
  const { headEpochs, epochs, first, scratch, newHead } = recipe;
  const adam = (groups: readonly Group[]) => (steps: number) =>
    new AdamW({ schedule: cosine({ steps, warmup: Math.min(5, steps - 1) }) }).addHook(clipGrads(1)).setup(groups);
  const whole = (lr: number) => adam([{ params: model, lr }]);
  if (!pretrained) return [{ name: 'all', epochs: headEpochs + epochs, optimizer: whole(scratch) }];
  const body = [...model.parameters()].map(([path]) => path).filter((path) => !lies(path, newHead));
  return [
    { name: 'head', epochs: headEpochs, frozen: body, optimizer: whole(first) },
    { name: 'all', epochs, optimizer: adam(ratesByDepth(model, recipe)) },
  ];
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The main job. */
export async function main(options: FineTuneOptions = parseFineTuneOptions(process.argv.slice(2))): Promise<void> {
  const { out, seed, limit = 0, mixed = false } = options;
  if (options.predict) {
    const answers = await M.predict(options.predict, `${out}/model.safetensors`);
    for (const { file, label, probability } of answers) console.log(`${file}: ${label} (${percent(probability)})`);
    return;
  }

  const device = await setDevice(options.device, { mixedPrecision: mixed });

  // The pictures, the network that fits them, and its weights; only the head is new.
  const set = await M.openAntsAndBees(options);
  setSeed(seed);
  const model = M.createBackbone(set.model, set.classes.length);
  if (set.weights) await model.load(set.weights, { skip: RECIPES[set.model].newHead });
  const { length } = set.val;
  console.log(`${set.model}, weights: ${set.weightsName}; ${set.data}: ${set.train.length} + ${length} pictures`);

  // Train, phase by phase, saved again and again; after Ctrl-C, or worse, --resume goes on from there.
  const usual = RECIPES[set.model];
  const { epochs = usual.epochs, batch = Math.min(16, set.train.length) } = options;
  const recipe = { ...usual, epochs, headEpochs: Math.min(usual.headEpochs, epochs) };
  const train = new DataLoader(set.train, { batch, shuffle: true, seed });
  const val = new DataLoader(set.val, { batch: Math.min(batch, length) });
  const howToResume = (file: string) => resumeCommand(options, file);
  const { checkpoint: file = `${out}/checkpoint.safetensors` } = options;
  const checkpoint = file === 'none' ? undefined : { file, howToResume };
  const precision = mixed ? 'mixed' : 'float32';
  const interrupt = onInterrupt();
  const report = M.reporter(console.log, options.verbose ? () => process.memoryUsage().rss : undefined);
  const trainer = new M.Trainer(model, {
    train,
    val,
    seed,
    phases: phases(model, recipe, set.weights !== null),
    settings: { data: set.data, model: set.model, weights: set.weightsName, epochs, batch, seed, limit, precision },
    lossScaler: mixed ? new LossScaler() : undefined,
    interrupted: () => interrupt.requested,
    checkpoint,
    ...report,
  });
  if (options.resume) await trainer.resume(options.resume);
  const finished = await trainer.run().finally(() => {
    report.stop();
    interrupt.dispose();
  });
  if (!finished) return console.log(checkpoint ? `Saved. To go on: ${howToResume(file)}` : 'Ended, and nothing saved.');

  // What counts is the file: save, load into a fresh network, evaluate that.
  const metadata = { backbone: set.model, classes: JSON.stringify(set.classes) };
  await model.save(`${out}/model.safetensors`, { metadata });
  const fresh = M.createBackbone(set.model, set.classes.length);
  await fresh.load(`${out}/model.safetensors`);
  const evaluation = await M.evaluate(fresh, val);

  const files = await M.writeReport(out, { device, seed, set, epochs: trainer.epochs, evaluation });
  if (checkpoint) await removeFile(file); // the model is there
  await set.close();
  console.log(`Right on ${percent(evaluation.accuracy)} of ${length} pictures never trained on.`);
  for (const file of [`${out}/model.safetensors`, ...files]) console.log(`  ${file}`);
}

if (require.main === module) void runMain(main);
