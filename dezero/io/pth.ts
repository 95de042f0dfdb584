import { DataError } from '../backends/errors';
import { elementTypes } from './elements';
import { unpickle, type PickleRules } from './pickle';
import { bytesSource, readExactly, type Source } from './source';
import { registerFormat } from './tensorFile';
import type { TensorFile } from './tensors';
import { readTensorRefs, StorageRef, TensorRef, torchRules, type Storages } from './torchTensors';
import { openZip } from './zip';

/**
 * Reads the state dict that PyTorch's `torch.save` wrote, in either container: a zip (since 1.6) or a bare sequence of
 * pickles. A dict around it is looked through if it holds one state dict. Half precision and bfloat16 widen to float32,
 * 64-bit integers become int32; strides are honoured.
 * @throws DataError naming the file and what is refused, damaged or not a tensor.
 * @example
 * const file = await openFile(
 *   assetPath('models/pretrained/squeezenetSmall.pth'),
 * );
 * const { tensors } = await readPth(file);
 * tensors.get('features.0.weight')?.shape; // → [ 32, 3, 3, 3 ]
 * await file.close();
 * @since 50
 */
export async function readPth(from: Uint8Array | Source, name?: string): Promise<TensorFile> {
  const source = from instanceof Uint8Array ? bytesSource(from, name) : from;
  const [first] = await source.read(0, 1);
  const [value, storages] = first === 0x50 ? await openZipped(source) : await openBare(source);
  // The mark that PyTorch's own safetensors files bear: their tables of weights are (out, in).
  return { tensors: await readTensorRefs(stateDict(value, source.name), storages), metadata: { format: 'pt' } };
}

/** Expanded tensors may need more memory than their file, but not any amount. */
const memoryLimit = (source: Source): number => Math.max(16 * source.size, 2 ** 28);

/** `archive/data.pkl` describes the tensors; `archive/data/0`, `archive/data/1`, … hold their elements. */
async function openZipped(source: Source): Promise<[unknown, Storages]> {
  const zip = await openZip(source);
  const main = zip.entries.find((entry) => isMain(entry.name))?.name;
  if (main === undefined) throw new DataError(`${source.name}: not a PyTorch file: there is no data.pkl in this zip`);
  const folder = main.slice(0, -'data.pkl'.length);
  if (zip.has(`${folder}constants.pkl`)) {
    throw new DataError(
      `${source.name}: is a TorchScript program; in Python, save its weights: torch.save(model.state_dict(), …)`,
    );
  }
  const order = `${folder}byteorder`;
  const bigEndian = zip.has(order) && new TextDecoder().decode(await zip.read(order)).trim() === 'big';
  const { value } = unpickle(await zip.read(main), 0, torchRules(source.name));
  const read = (storage: StorageRef) => zip.read(`${folder}data/${storage.key}`);
  return [value, { name: source.name, limit: memoryLimit(source), bigEndian, read }];
}

const isMain = (file: string): boolean => /(^|\/)data\.pkl$/.test(file);

const bareMagic = 0x1950a86a20f9469cfc6cn;

/**
 * Five pickles (magic number, protocol, system, object, keys of the storages), then for each key a count and the
 * elements.
 */
async function openBare(source: Source): Promise<[unknown, Storages]> {
  const bytes = await readExactly(source, 0, source.size);
  const used = new Map<string, StorageRef>();
  const rules = torchRules(source.name);
  const noting: PickleRules = {
    ...rules,
    persistent(id) {
      const storage = rules.persistent(id);
      if (storage instanceof StorageRef) used.set(storage.key, storage);
      return storage;
    },
  };
  let at = 0;
  const next = (): unknown => {
    const { value, end } = unpickle(bytes, at, noting);
    at = end;
    return value;
  };
  if (next() !== bareMagic) throw new DataError(`${source.name}: is a Python pickle, but none that torch.save wrote`);
  const protocol = next();
  if (protocol !== 1001)
    throw new DataError(`${source.name}: has the unknown PyTorch file protocol ${String(protocol)}`);
  next(); // the system it was written on; the elements are little-endian on all of them
  const value = next();
  const keys = next();

  const places = new Map<string, Uint8Array>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = used.get(String(key));
    if (!storage)
      throw new DataError(`${source.name}: has a storage '${String(key)}' of no tensor; the file is damaged`);
    const count = await readExactly(source, at, 8);
    const length = Number(new DataView(count.buffer, count.byteOffset, 8).getBigUint64(0, true));
    const size = length * elementTypes[storage.type].bytes;
    places.set(storage.key, await readExactly(source, at + 8, size));
    at += 8 + size;
  }
  const read = async (storage: StorageRef) => {
    const place = places.get(storage.key);
    if (place) return place;
    throw new DataError(`${source.name}: storage '${storage.key}' is missing; the file is damaged`);
  };
  return [value, { name: source.name, limit: memoryLimit(source), bigEndian: false, read }];
}

function asStateDict(value: unknown): Map<string, TensorRef> | null {
  if (!(value instanceof Map)) return null;
  const isEntry = (pair: [unknown, unknown]): pair is [string, TensorRef] =>
    typeof pair[0] === 'string' && pair[1] instanceof TensorRef;
  const entries: [unknown, unknown][] = [...value];
  return entries.every(isEntry) ? new Map(entries) : null;
}

/** The one dict of tensors in what was saved: itself, or a value of the dict. */
function stateDict(value: unknown, name: string): Map<string, TensorRef> {
  const itself = asStateDict(value);
  if (itself) return itself;
  const inner =
    value instanceof Map ? [...value].map(([key, item]) => ({ key: String(key), dict: asStateDict(item) })) : [];
  const dicts = inner.filter(({ dict }) => dict !== null && dict.size > 0);
  const [only] = dicts;
  if (dicts.length === 1 && only?.dict) return only.dict;
  const found = dicts.length > 1 ? `several: ${dicts.map(({ key }) => `'${key}'`).join(', ')}` : describe(value);
  throw new DataError(`${name}: expected one dict of tensors, a model's state dict, but found ${found}`);
}

function describe(value: unknown): string {
  if (!(value instanceof Map) || value.size === 0) return kindOf(value);
  const shown = [...value].slice(0, 8).map(([key, item]) => `'${String(key)}' (${kindOf(item)})`);
  return `a dict of ${shown.join(', ')}${value.size > shown.length ? ', …' : ''}`;
}

function kindOf(value: unknown): string {
  if (value instanceof TensorRef) return `a tensor of shape (${value.shape.join(', ')})`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? 'None' : `a ${typeof value}`;
}

registerFormat({ recognises: (head, zipped) => zipped?.some(isMain) ?? head[0] === 0x80, read: readPth });
