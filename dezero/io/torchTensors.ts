import { DataError } from '../backends/errors';
import { decode, elementTypes, type ElementType } from './elements';
import { Global, type PickleRules } from './pickle';
import { checkedSize, wrap, type Tensors } from './tensors';

/** A piece of memory that a PyTorch file keeps beside its pickle. @since 50 */
export class StorageRef {
  /** `length` counts elements, of the whole piece; a view of it begins at element `from`. @since 50 */
  constructor(
    readonly key: string,
    readonly type: ElementType,
    readonly length: number,
    readonly from = 0,
  ) {}
}

/** A tensor as the pickle describes it: how to read a storage. @since 50 */
export class TensorRef {
  /** In elements. @since 50 */
  constructor(
    readonly storage: StorageRef,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

const storageTypes: Readonly<Record<string, ElementType>> = {
  Double: 'f64',
  Float: 'f32',
  Half: 'f16',
  BFloat16: 'bf16',
  Long: 'i64',
  Int: 'i32',
  Short: 'i16',
  Char: 'i8',
  Byte: 'u8',
  Bool: 'bool',
};

function storageType(name: string): ElementType | undefined {
  const [, kind = ''] = /^torch\.(?:cuda\.)?(\w+)Storage$/.exec(name) ?? [];
  return Object.hasOwn(storageTypes, kind) ? storageTypes[kind] : undefined;
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0;

/** What a PyTorch pickle may do: describe tensors. @since 50 */
export function torchRules(name: string): PickleRules {
  const damaged = (what: string): never => {
    throw new DataError(`${name}: the file holds a damaged ${what}`);
  };
  const used = new WeakSet<object>(); // so that a hostile file cannot have one long list copied again and again
  const dict = ([items = []]: readonly unknown[]) => {
    if (!Array.isArray(items) || used.has(items)) return damaged('dict');
    used.add(items);
    const isPair = (item: unknown): item is [unknown, unknown] => Array.isArray(item) && item.length === 2;
    return items.every(isPair) ? new Map(items) : damaged('dict');
  };
  const tensor = ([storage, offset, shape, strides]: readonly unknown[]) => {
    checkedSize(shape, `${name}: a tensor`);
    const proper = storage instanceof StorageRef && isCount(offset) && Array.isArray(shape) && Array.isArray(strides);
    if (!proper || strides.length !== shape.length || !strides.every(isCount)) return damaged('tensor');
    return new TensorRef(storage, storage.from + offset, shape.map(Number), strides.map(Number));
  };
  const parameter = ([data]: readonly unknown[]) => (data instanceof TensorRef ? data : damaged('parameter'));
  const typed = ([make, , args]: readonly unknown[]) => {
    const plain = make instanceof Global && make.name === 'torch._utils._rebuild_tensor_v2' && Array.isArray(args);
    return plain ? tensor(args) : damaged('tensor of a class of its own');
  };
  return {
    name,
    functions: new Map<string, (args: readonly unknown[]) => unknown>([
      ['collections.OrderedDict', dict],
      ['torch._utils._rebuild_tensor', tensor],
      ['torch._utils._rebuild_tensor_v2', tensor],
      ['torch._utils._rebuild_parameter', parameter],
      ['torch._utils._rebuild_parameter_with_state', parameter],
      ['torch._tensor._rebuild_from_type_v2', typed],
      ['torch.Size', ([sizes]) => sizes],
    ]),
    isName: (global) =>
      storageType(global) !== undefined || global === 'torch.Tensor' || global === 'torch.nn.parameter.Parameter',
    persistent(id) {
      // ('storage', type, key, device, length), in older files also (key of the view, first element, length) or None
      const [kind, type, key, , length, view] = Array.isArray(id) ? (id as unknown[]) : [];
      const element = type instanceof Global ? storageType(type.name) : undefined;
      if (kind !== 'storage' || !element || typeof key !== 'string' || !isCount(length)) return damaged('storage');
      const from: unknown = Array.isArray(view) ? view[1] : 0;
      return isCount(from) ? new StorageRef(key, element, length, from) : damaged('storage');
    },
  };
}

/** How to get at the storages of a file. @since 50 */
export interface Storages {
  readonly name: string;
  /** No more memory than this, in bytes, is filled: strides of 0 let a small file ask for any amount. @since 50 */
  readonly limit: number;
  readonly bigEndian: boolean;
  /** The bytes of a storage. @since 50 */
  read(storage: StorageRef): Promise<Uint8Array>;
}

/**
 * The tensors themselves, each with memory of its own.
 * @throws DataError naming the tensor that does not fit.
 * @since 50
 */
export async function readTensorRefs(refs: ReadonlyMap<string, TensorRef>, storages: Storages): Promise<Tensors> {
  const { name: file, limit } = storages;
  const groups = new Map<string, { storage: StorageRef; members: [string, TensorRef][] }>();
  let bytes = 0;
  for (const [name, ref] of refs) {
    const { storage, shape, strides, offset } = ref;
    const size = checkedSize(shape, `${file}: ${name}`);
    const last = shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), offset);
    if (size > 0 && last >= storage.length) {
      throw new DataError(
        `${file}: ${name} reaches element ${last} of a storage of ${storage.length}; the file is damaged`,
      );
    }
    bytes += size * elementTypes[storage.type].bytes;
    const group = groups.get(storage.key) ?? { storage, members: [] };
    if (group.storage.type !== storage.type || group.storage.length !== storage.length) {
      throw new DataError(`${file}: ${name} and another tensor read one storage differently; the file is damaged`);
    }
    group.members.push([name, ref]);
    groups.set(storage.key, group);
  }
  if (bytes > limit) throw new DataError(`${file}: its tensors need ${bytes} bytes, far more than the file holds`);

  const tensors: Tensors = new Map();
  for (const { storage, members } of groups.values()) {
    const what = `${file}: ${members
      .map(([name]) => name)
      .slice(0, 3)
      .join(', ')}`;
    const raw = await storages.read(storage);
    if (raw.length !== storage.length * elementTypes[storage.type].bytes) {
      throw new DataError(
        `${what}: ${raw.length} bytes for ${storage.length} elements of type ${storage.type}; the file is damaged`,
      );
    }
    const values = decode(raw, storage.type, what, storages);
    for (const [name, { shape, strides, offset }] of members) {
      const view = wrap(values, storage.type, shape, strides, offset);
      const own = !view.contiguous || (members.length === 1 && view.size === values.length);
      tensors.set(name, wrap(own ? view.values : view.values.slice(), storage.type, shape));
    }
  }
  const inOrder: Tensors = new Map();
  for (const name of refs.keys()) {
    const x = tensors.get(name);
    if (x) inOrder.set(name, x);
  }
  return inOrder;
}
