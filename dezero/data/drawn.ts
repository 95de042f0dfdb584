import { decodeImage } from '#image';
import { checkCount, Generator, ValueError, type NDArray } from '../ndarray';
import { creatureKinds, drawCreature, type CreatureKind } from './creatures';
import { Dataset } from './dataset';
import { Photo } from './photo';
import { CenterCrop, imagenetMean, imagenetStd, Resize, ToArray } from './photoTransforms';
import type { Picture } from './picture';
import { ColorJitter, RandomHorizontalFlip, RandomResizedCrop } from './randomTransforms';
import { Compose, Normalize, transformSample, type Transform } from './transform';

/** Which drawings to make. @since 50 */
export interface DrawnOptions {
  /** Training and validation drawings have nothing in common; default 'train'. @since 50 */
  readonly split?: 'train' | 'val';
  /** One class each; default ants and bees. @since 50 */
  readonly kinds?: readonly CreatureKind[];
  /** Drawings of each kind; default 100 to train and 75 to validate. @since 50 */
  readonly perClass?: number;
  /** Another seed, other drawings; default 0. @since 50 */
  readonly seed?: number;
  /** Default `drawnEval()`. @since 50 */
  readonly transform?: Transform;
}

const INPUT = 64; // pixels, what the network sees of a drawing

/**
 * How networks trained on drawings are shown them: 64×64, normalised as photos are.
 * @example
 * const { transforms } = drawnEval();
 * transforms.map((one) => one.constructor.name);
 * // → [ 'Resize', 'CenterCrop', 'ToArray', 'Normalize' ]
 * @since 50
 */
export function drawnEval(): Compose {
  return new Compose([new Resize(INPUT), new CenterCrop(INPUT), new ToArray(), new Normalize(imagenetMean, imagenetStd)]); // prettier-ignore
}

/**
 * How drawings are varied while training: a random piece at 64×64, mirrored half the time, colours moved, normalised.
 * @example
 * const set = await Drawn.open({ transform: drawnTrain({ seed: 1 }) });
 * const [x] = await set.get(0);
 * x.shape; // → [ 3, 64, 64 ]
 * @since 51
 */
export function drawnTrain({ seed = 0 } = {}): Compose {
  const jitter = new ColorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2 });
  const varied = [new RandomResizedCrop(INPUT, { scale: [0.7, 1] }), new RandomHorizontalFlip(), jitter];
  return new Compose([...varied, new ToArray(), new Normalize(imagenetMean, imagenetStd)], { seed });
}

/**
 * Drawings of small creatures, made by chance from a seed: photos for a machine without photos.
 * @example
 * const set = await Drawn.open({ split: 'val' });
 * set.length; // → 150
 * set.classes; // → [ 'ants', 'bees' ]
 * const [x, t] = await set.get(0);
 * x.shape; // → [ 3, 64, 64 ]
 * @since 50
 */
export class Drawn extends Dataset {
  /** Names of the classes. @since 50 */
  readonly classes: readonly string[];
  /** The class of each drawing. @since 50 */
  readonly labels: readonly number[];
  /** A name for each: `drawn/val/ants/017`. @since 50 */
  readonly paths: readonly string[];
  private readonly pictures = new Map<number, Promise<Picture>>();

  private constructor(
    private readonly split: 'train' | 'val',
    private readonly kinds: readonly CreatureKind[],
    private readonly perClass: number,
    private readonly seed: number,
    private readonly transform: Transform,
  ) {
    super();
    this.classes = kinds.map(plural);
    this.labels = kinds.flatMap((_, label) => new Array<number>(perClass).fill(label));
    this.paths = kinds.flatMap((kind) =>
      Array.from({ length: perClass }, (_, i) => `drawn/${split}/${plural(kind)}/${String(i).padStart(3, '0')}`),
    );
  }

  /** Nothing is drawn yet: each picture is when it is asked for, once. @throws ValueError for an unknown kind. @since 50 */
  static open({ split = 'train', kinds = ['ant', 'bee'], seed = 0, ...rest }: DrawnOptions = {}): Promise<Drawn> {
    const { perClass = split === 'train' ? 100 : 75, transform = drawnEval() } = rest;
    const unknown = kinds.find((kind) => !creatureKinds.includes(kind));
    if (unknown) throw new ValueError(`Drawn: there is no '${unknown}'; there are ${creatureKinds.join(', ')}`);
    checkCount('Drawn: perClass', perClass, 1);
    return Promise.resolve(new Drawn(split, kinds, perClass, seed, transform));
  }

  /** How many drawings there are. @since 50 */
  get length(): number {
    return this.labels.length;
  }

  /** A drawing, before any transform. @since 50 */
  async photo(index: number): Promise<Photo> {
    const name = this.paths[this.checkIndex(index)] ?? '';
    let picture = this.pictures.get(index);
    if (!picture) this.pictures.set(index, (picture = decodeImage(new TextEncoder().encode(this.svg(index)), name)));
    return new Photo(await picture, name);
  }

  /** A drawing as SVG text. @since 50 */
  svg(index: number): string {
    const kind = this.kinds[this.labels[this.checkIndex(index)] ?? 0] ?? 'ant';
    // A stream for each drawing: which kinds are drawn, and how many, changes none of them.
    const place = creatureKinds.indexOf(kind) * 2 + (this.split === 'train' ? 0 : 1);
    return drawCreature(kind, new Generator(this.seed, place * 65536 + (index % this.perClass)));
  }

  /** The transformed drawing and its class. @since 50 */
  override async get(index: number, epoch = 0): Promise<[NDArray, number]> {
    const x = await transformSample(this.transform, await this.photo(index), epoch, index);
    return [x, this.labels[index] ?? 0];
  }
}

function plural(kind: CreatureKind): string {
  return kind === 'fish' ? kind : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
