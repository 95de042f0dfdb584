import { expect, test } from 'vitest';
import { array, type NDArray } from '../../dezero/ndarray';
import { readNpy, readNpz, readTensors, writeNpy, writeNpz, writeZip, type Tensors } from '../../dezero/io';
import { expectDataError, fixture } from './helpers';

const grid = [[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5]]; // prettier-ignore
const block = [0, 1].map((i) => [0, 1, 2].map((j) => [0, 1, 2, 3].map((k) => 12 * i + 4 * j + k)));

for (const file of ['stored.npz', 'deflated.npz']) {
  test(`${file}: every type, byte order and memory order of NumPy's is read`, async () => {
    const { tensors, metadata } = await readTensors(fixture(file), file);
    const read = Object.fromEntries([...tensors].map(([name, x]) => [name, [x.dtype, x.toNested()]]));
    expect(read).toEqual({
      f8: ['float64', grid],
      f4: ['float32', grid],
      f2: ['float32', grid],
      'f4 big': ['float32', grid],
      'f8 fortran': ['float64', grid],
      'f4 fortran 3': ['float32', block],
      i1: ['int32', [-1, 2]],
      i2: ['int32', [-300]],
      i4: ['int32', 7],
      'i4 big': ['int32', [1, -2]],
      i8: ['int32', [-5, 2 ** 31 - 1]],
      u1: ['int32', [[0], [255]]],
      b1: ['bool', [1, 0]],
      empty: ['float64', []],
    });
    expect(tensors.get('empty')?.shape).toEqual([0, 2]);
    expect(metadata).toEqual({ text: 'Bienen 🐝' });
  });

  test(`${file}: cut anywhere, it gives one clear error`, async () => {
    const bytes = fixture(file);
    for (let length = 0; length < bytes.length; length += 11) {
      await expectDataError(() => readNpz(bytes.subarray(0, length), file), new RegExp(`^${file}: `));
    }
  });
}

test('versions 2 and 3 of .npy are read', () => {
  expect(readNpy(fixture('version2.npy')).toNested()).toEqual(grid);
  expect(readNpy(fixture('version3.npy')).toNested()).toEqual(grid);
});

test('writing arrays and texts and reading them gives the same, bit for bit', async () => {
  const tensors: Tensors = new Map<string, NDArray>([
    ['features.0.weight', array([[1 / 3, -0], [NaN, Infinity]])], // prettier-ignore
    ['b', array(new Float32Array([0.1, 2]))],
    ['t', array(new Int32Array([-7]), { shape: [1, 1] })],
    ['mask', array([true, false])],
    ['scalar', array(4)],
    ['turned', array([[1, 2, 3]]).transpose()],
  ]);
  const bytes = await writeNpz({ tensors, metadata: { epoch: '3', note: 'Grüße 🐜', none: '' } });
  const back = await readNpz(bytes);
  expect([...back.tensors.keys()]).toEqual([...tensors.keys()]);
  for (const [name, x] of tensors) {
    const y = back.tensors.get(name);
    expect([name, y?.dtype, y?.shape, y?.values]).toEqual([name, x.dtype, x.shape, x.values]);
  }
  expect(back.metadata).toEqual({ epoch: '3', note: 'Grüße 🐜', none: '' });
  expect(await writeNpz(back)).toEqual(bytes);
});

test('what is no plain array of numbers is refused by name', async () => {
  await expectDataError(
    () => readNpy(fixture('strings.npy'), 'a.npy'),
    /^a\.npy: has elements of type 'U1'; those read are f8/,
  );
  await expectDataError(
    () => readNpy(fixture('record.npy'), 'a.npy'),
    /only plain arrays of numbers are read, not .*'x'/,
  );
  await expectDataError(() => readNpy(fixture('complex.npy'), 'a.npy'), /type 'c8'/);
  await expectDataError(
    () => readNpy(fixture('large.npy'), 'a.npy'),
    /^a\.npy holds 2147483648, which does not fit int32/,
  );
});

test('damaged .npy bytes are named', async () => {
  const bytes = writeNpy(array([1, 2]));
  const put = (at: number, value: number) => bytes.map((byte, i) => (i === at ? value : byte));
  await expectDataError(
    () => readNpy(bytes.subarray(0, bytes.length - 1), 'a'),
    /^a: 15 bytes where the header asks for 16/,
  );
  await expectDataError(() => readNpy(bytes.subarray(0, 9), 'a'), /^a: its header is cut off/);
  await expectDataError(() => readNpy(bytes.subarray(0, 40), 'a'), /^a: its header is cut off/);
  await expectDataError(() => readNpy(put(6, 7), 'a'), /version 7 is unknown/);
  await expectDataError(() => readNpy(put(0, 7), 'a'), /not a \.npy file/);
  await expectDataError(() => readNpy(put(11, 34), 'a'), /only plain arrays/);
});

test('an entry that is no array, and a name used twice, are named', async () => {
  const zip = await writeZip([['w.npy', writeNpy(array(1))], ['readme.npy', new Uint8Array(20)]]); // prettier-ignore
  await expectDataError(() => readNpz(zip, 'a.npz'), /^a\.npz: readme\.npy: not a \.npy file/);
  await expectDataError(
    () => writeNpz({ tensors: new Map([['w', array(1)]]), metadata: { w: 'x' } }),
    /'w' names an array and a text/,
  );
});
