import { exists, isFolder, listFiles, readFile } from '#files';
import { openZip } from '../io/zip';
import { DataError, type NDArray } from '../ndarray';
import { Dataset } from './dataset';
import { Photo } from './photo';
import { ToArray } from './photoTransforms';
import { transformSample, type Transform } from './transform';

/** Which part of the photos to take, and what to do to each. @since 51 */
export interface ImageFolderOptions {
  /** The folder between the root and the classes: `train`, `val`. Left out: the class folders lie at the root. @since 51 */
  readonly split?: string;
  /** Default: `ToArray`. @since 51 */
  readonly transform?: Transform;
}

/** Where photos lie: a folder or a zip. */
interface Place {
  readonly name: string;
  readonly files: readonly string[];
  read(file: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface Listing {
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  readonly labels: readonly number[];
  readonly notices: readonly string[];
}

/**
 * Photos in one folder a class, on disk or straight from a zip: `await ImageFolder.open('photos.zip', { split: 'val' })`. Classes are numbered
 * in alphabetical order. Photos are read when they are asked for; JPEG, PNG and WebP.
 * @example
 * const png = await encodePng(toPicture(ones([8, 8])));
 * for (const file of ['ants/a.png', 'bees/b.png'])
 *   await writeFileSafely(`photos/${file}`, png);
 * const set = await ImageFolder.open('photos');
 * set.classes; // → [ 'ants', 'bees' ]
 * @since 51
 */
export class ImageFolder extends Dataset {
  /** Names of the classes; label c is `classes[c]`. @since 51 */
  readonly classes: readonly string[];
  /** Where each photo lies in the folder or zip. @since 51 */
  readonly paths: readonly string[];
  /** The class of each photo. @since 51 */
  readonly labels: readonly number[];
  /** What the reader should know: files that are no photos. @since 51 */
  readonly notices: readonly string[];
  private readonly broken = new Set<number>();

  private constructor(
    private readonly place: Place,
    listing: Listing,
    private readonly transform: Transform,
  ) {
    super();
    ({ classes: this.classes, paths: this.paths, labels: this.labels, notices: this.notices } = listing);
  }

  /** Lists the photos; none is read yet. @throws DataError for a place with no photos, one class, or without the split. @since 51 */
  static async open(
    folderOrZip: string,
    { split, transform = new ToArray() }: ImageFolderOptions = {},
  ): Promise<ImageFolder> {
    const place = await openPlace(folderOrZip);
    try {
      return new ImageFolder(place, list(place, split), transform);
    } catch (error) {
      await place.close();
      throw error;
    }
  }

  /** How many photos there are. @since 51 */
  get length(): number {
    return this.paths.length;
  }

  /** How many photos could not be read so far. @since 51 */
  get skipped(): number {
    return this.broken.size;
  }

  /** The photo as it is on disk. @throws DataError naming it if it is broken. @since 51 */
  async photo(index: number): Promise<Photo> {
    const path = this.paths[this.checkIndex(index)] ?? '';
    return this.counted(index, async () => new Photo(await this.place.read(path), `${this.place.name}: ${path}`));
  }

  /** The transformed photo and its class. @throws DataError naming a broken photo. @since 51 */
  async get(index: number, epoch = 0): Promise<[NDArray, number]> {
    return (await this.begin(index, epoch)).sample;
  }

  /** Reads the file; decoding then goes on by itself. @since 51 */
  override async begin(index: number, epoch = 0): Promise<{ readonly sample: Promise<[NDArray, number]> }> {
    const photo = await this.photo(index);
    return { sample: this.transformed(photo, index, epoch) };
  }

  /** Gives the zip file back. @since 51 */
  close(): Promise<void> {
    return this.place.close();
  }

  private async transformed(photo: Photo, index: number, epoch: number): Promise<[NDArray, number]> {
    const x = await this.counted(index, () => transformSample(this.transform, photo, epoch, index));
    return [x, this.labels[index] ?? 0];
  }

  private async counted<T>(index: number, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof DataError) this.broken.add(index);
      throw error;
    }
  }
}

async function openPlace(path: string): Promise<Place> {
  if (!(await exists(path))) throw new DataError(`${path}: there is no such file or folder; check the path`);
  if (await isFolder(path)) {
    const read = (file: string): Promise<Uint8Array> => readFile(`${path}/${file}`);
    return { name: path, files: await listFiles(path), read, close: () => Promise.resolve() };
  }
  const zip = await openZip(path);
  const files = zip.entries.map(({ name }) => name).sort();
  return { name: path, files, read: (file) => zip.read(file), close: () => zip.close() };
}

const isPhoto = (file: string): boolean => /\.(jpe?g|png|webp)$/i.test(file);
const isHidden = (file: string): boolean => /(^|\/)(\.|__MACOSX\/)/.test(file);

/** Finds the class folders below the root, wherever that lies, and the photos in them. */
function list({ name, files }: Place, split: string | undefined): Listing {
  const visible = files.filter((file) => !isHidden(file));
  const photos = visible.filter(isPhoto);
  if (photos.length === 0)
    throw new DataError(`${name}: there are no photos (.jpg, .png, .webp) in it; it should hold one folder a class`);
  const root = split === undefined ? commonFolder(photos) : splitFolder(name, photos, split);
  const inside = photos.filter((file) => file.startsWith(root));
  const classOf = (file: string): string => file.slice(root.length).split('/').slice(0, -1)[0] ?? '';
  const classes = [...new Set(inside.map(classOf))].filter((c) => c !== '').sort();
  if (split === undefined && classes.includes('train')) {
    throw new DataError(`${name}: it is divided into ${classes.join(', ')}; choose one: { split: 'train' }`);
  }
  if (classes.length < 2) {
    const found = classes.length === 1 ? `one class (${classes.join()})` : 'no class folders';
    throw new DataError(
      `${name}: ${found} in ${root || 'it'}; at least two classes are needed, each in a folder of its own`,
    );
  }
  const paths = inside.filter((file) => classOf(file) !== '').sort();
  const others = visible.filter((file) => file.startsWith(root) && !paths.includes(file));
  return {
    classes,
    paths,
    labels: paths.map((file) => classes.indexOf(classOf(file))),
    notices: others.map(
      (file) => `${name}: ${file} is skipped: it is ${isPhoto(file) ? 'in no class folder' : 'no photo'}`,
    ),
  };
}

/** The folder that all photos share; if they lie in it directly it is a class, and the root is above it. */
function commonFolder(photos: readonly string[]): string {
  const folders = photos.map((file) => file.split('/').slice(0, -1));
  let [shared = []] = folders;
  for (const folder of folders) {
    const differs = shared.findIndex((part, i) => part !== folder[i]);
    if (differs >= 0) shared = shared.slice(0, differs);
  }
  const root = folders.every(({ length }) => length === shared.length) ? shared.slice(0, -1) : shared;
  return root.map((part) => `${part}/`).join('');
}

/** The folder named like the split that lies nearest to the root and has class folders. */
function splitFolder(name: string, photos: readonly string[], split: string): string {
  const ends = photos.flatMap((file) => {
    const parts = file.split('/');
    const at = parts.indexOf(split);
    return at >= 0 && at < parts.length - 1 ? [parts.slice(0, at + 1)] : [];
  });
  const [nearest] = ends.sort((a, b) => a.length - b.length);
  if (nearest) return `${nearest.join('/')}/`;
  throw new DataError(
    `${name}: there is no ${split} folder with photos in it; expected ${split}/CLASS/photo.jpg below the root`,
  );
}
