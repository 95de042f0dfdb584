/** A worker with a network in it: looks at photos, says what they show, and where it has looked. */
import { noGrad, testMode, variable, type Variable } from '../../../dezero/index';
import { encodePng, Photo, transformSample } from '../../../dezero/data/index';
import { softmax } from '../../../dezero/functions/index';
import { readSafetensors } from '../../../dezero/io/index';
import type { Layer } from '../../../dezero/layers/index';
import { backbones, createBackbone, gradCam, heatOver, inputTransforms, SqueezeNet, type BackboneName, type GradCamParts } from '../../../dezero/models/index'; // prettier-ignore
import type { Judgement, JudgeAnswer, JudgeQuestion } from './protocol';

interface Network {
  readonly model: SqueezeNet;
  readonly backbone: BackboneName;
  readonly classes: readonly string[];
}

const SHOWN = 448; // pixels of a side
const STAGES: Partial<Record<BackboneName, number>> = { squeezenet_small: 7 }; // its last maps are 3 × 3; those before the last pool 7 × 7

let network: Network | null = null;

/** Opens what step 53 saved. @throws Error in one line. */
async function open(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Network> {
  const { metadata } = await readSafetensors(bytes, name);
  const backbone = metadata['backbone'] ?? '';
  if (!Object.hasOwn(backbones, backbone)) throw new Error(`${name} does not say what network it is for: it was not saved by step 53`); // prettier-ignore
  const classes = JSON.parse(metadata['classes'] ?? '[]') as string[];
  const model = createBackbone(backbone as BackboneName, classes.length);
  if (!(model instanceof SqueezeNet)) throw new Error(`${name} is for ${backbone}; this page shows SqueezeNets`);
  const address = URL.createObjectURL(new Blob([bytes]));
  try {
    await model.load(address);
  } catch (error) {
    throw new Error(wordsOf(error).replaceAll(address, name), { cause: error });
  } finally {
    URL.revokeObjectURL(address);
  }
  return { model, backbone: backbone as BackboneName, classes };
}

/** The network in two parts: some stages see, the rest judges. */
function partsOf({ model: { features, classifier }, backbone }: Network): GradCamParts {
  const stages = STAGES[backbone] ?? Infinity;
  const through = (some: readonly Layer[], x: Variable) => some.reduce((y, stage) => stage.call(y), x);
  return {
    features: (x) => through([...features].slice(0, stages), x),
    head: (maps) => classifier.call(through([...features].slice(stages), maps)),
  };
}

async function judge(bytes: Uint8Array, name: string, by: Network): Promise<Judgement> {
  const photo = new Photo(bytes, name);
  const input = await transformSample(inputTransforms(by.backbone).val, photo, 0, 0);
  const x = variable(input.reshape([1, ...input.shape]));
  const parts = partsOf(by);
  const { map, label } = gradCam(parts, x);
  const shares = testMode(() => noGrad(() => softmax(by.model.call(x)))).values;
  const seen = await seenOf(photo, by.backbone === 'squeezenet_small' ? 1 : 224 / 256).picture();
  const answers = by.classes.map((one, i) => ({ label: one, share: shares[i] ?? 0 }));
  return {
    label: by.classes[label] ?? '?',
    answers: answers.sort((a, b) => b.share - a.share),
    photo: await encodePng(seen),
    heat: await encodePng(heatOver(seen, map)),
  };
}

/** The square in the middle that the network sees, large enough to be looked at. */
function seenOf(photo: Photo, share: number): Photo {
  const side = Math.max(1, Math.round(Math.min(photo.width, photo.height) * share));
  const [left, top] = [photo.width, photo.height].map((whole) => Math.floor((whole - side) / 2));
  return photo.crop(left ?? 0, top ?? 0, side, side).resize(SHOWN, SHOWN);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function answer({ kind, bytes, name }: JudgeQuestion): Promise<JudgeAnswer> {
  if (kind === 'network') {
    network = await open(bytes, name);
    return { kind, about: `${network.backbone}, which tells ${network.classes.join(' from ')}` };
  }
  if (!network) throw new Error('there is no network yet');
  return { kind, judgement: await judge(bytes, name, network) };
}

globalThis.addEventListener('message', ({ data: { id, question } }: MessageEvent<{ id: number; question: JudgeQuestion }>) => {
  const give = (value: JudgeAnswer) => (globalThis as unknown as MessagePort).postMessage({ id, value });
  answer(question).then(give, (error: unknown) => give({ kind: 'trouble', words: wordsOf(error).split('\n')[0] ?? '' }));
}); // prettier-ignore
