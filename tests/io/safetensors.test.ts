import { expect, test } from 'vitest';
import { array, type NDArray } from '../../dezero/ndarray';
import { readSafetensors, readTensors, writeSafetensors, type Tensors } from '../../dezero/io';
import { expectDataError } from './helpers';

/** A file by the format's description: length, header, data. */
function file(header: unknown, data: number[] | Uint8Array = [], length?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  return Uint8Array.from([...prefix, ...json, ...data]);
}

test('a file built by hand from the description of the format is read, halves and 64-bit integers widened', async () => {
  const bytes = file(
    {
      __metadata__: { format: 'pt' },
      half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      brain: { dtype: 'BF16', shape: [1, 1], data_offsets: [4, 6] },
      long: { dtype: 'I64', shape: [], data_offsets: [6, 14] },
      bytes: { dtype: 'U8', shape: [2], data_offsets: [14, 16] },
      none: { dtype: 'F32', shape: [0, 3], data_offsets: [16, 16] },
    },
    [0x00, 0x3e, 0x01, 0x80, 0x80, 0xbf, 0xfe, 255, 255, 255, 255, 255, 255, 255, 7, 200],
  );
  const { tensors, metadata } = await readTensors(bytes);
  expect(metadata).toEqual({ format: 'pt' });
  const read = [...tensors].map(([name, x]) => [name, x.dtype, x.shape, ...x.values]);
  expect(read).toEqual([
    ['half', 'float32', [2], 1.5, -(2 ** -24)],
    ['brain', 'float32', [1, 1], -1],
    ['long', 'int32', [], -2],
    ['bytes', 'int32', [2], 7, 200],
    ['none', 'float32', [0, 3]],
  ]);
});

test('writing arrays and texts and reading them gives the same, bit for bit, in order', async () => {
  const tensors: Tensors = new Map<string, NDArray>([
    ['b', array(new Float32Array([0.1, -0, NaN]))],
    ['mask', array([[true], [false], [true]])],
    ['10', array([1 / 3, Infinity])],
    ['2', array(new Int32Array([-7]), { shape: [1, 1] })],
    ['__proto__', array(4)],
    ['turned', array([[1, 2, 3], [4, 5, 6]]).transpose()], // prettier-ignore
  ]);
  const bytes = writeSafetensors({ tensors, metadata: { epoch: '3', note: 'Grüße 🐜' } });
  const back = await readSafetensors(bytes);
  expect([...back.tensors.keys()]).toEqual([...tensors.keys()]);
  for (const [name, x] of tensors) {
    const y = back.tensors.get(name);
    expect([name, y?.dtype, y?.shape, y?.values]).toEqual([name, x.dtype, x.shape, x.values]);
  }
  expect(back.metadata).toEqual({ epoch: '3', note: 'Grüße 🐜' });
  expect(writeSafetensors(back)).toEqual(bytes);
});

test("another library's rules hold for what is written: the header's JSON, ranges without gap, data from a multiple of 8", () => {
  const bytes = writeSafetensors({ tensors: new Map([['w', array([[1, 2]])], ['m', array([true])]]) }); // prettier-ignore
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    w: { dtype: 'F64', shape: [1, 2], data_offsets: [0, 16] },
    m: { dtype: 'BOOL', shape: [1], data_offsets: [16, 17] },
  });
  expect(new DataView(bytes.buffer).getFloat64(8 + length + 8, true)).toBe(2);
  expect(bytes.length).toBe(8 + length + 17);
});

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });
const eight = new Uint8Array(8);

const bad: [what: string, bytes: Uint8Array, message: RegExp][] = [
  ['an empty file', new Uint8Array(), /ends at byte 0/],
  ['a header that is longer than the file', file({}, [], 1000), /ends at byte 10/],
  ['a header of impossible size', file({}, [], 1e15), /its header would have 1000000000000000 bytes/],
  ['a header that is no JSON', file('{"a": '), /header is no JSON/],
  ['a header that is a list', file('[1]'), /no JSON object/],
  ['an entry that is no object', file({ w: 3 }), /w has dtype undefined/],
  [
    'a dtype that is unknown',
    file({ w: { dtype: 'F8_E4M3', shape: [8], data_offsets: [0, 8] } }, eight),
    /w has dtype "F8_E4M3"/,
  ],
  [
    'a dtype from Object',
    file({ w: { dtype: 'toString', shape: [], data_offsets: [0, 8] } }, eight),
    /w has dtype "toString"/,
  ],
  ['a negative size', file({ w: f32([-2], 0, 8) }, eight), /w has no proper shape/],
  ['a broken size', file({ w: f32([0.5], 0, 8) }, eight), /w has no proper shape/],
  ['a shape that is no list', file({ w: f32('2', 0, 8) }, eight), /w has no proper shape/],
  ['a shape beyond all numbers', file({ w: f32([2 ** 40, 2 ** 40], 0, 8) }, eight), /impossible shape/],
  [
    'a range of another length than the shape',
    file({ w: f32([3], 0, 8) }, eight),
    /w lies at \[0,8\], but .* 12 bytes/,
  ],
  ['a range that runs backwards', file({ w: f32([2], 8, 0) }, eight), /w lies at \[8,0\]/],
  ['a range before the data', file({ w: f32([2], -8, 0) }, eight), /w lies at \[-8,0\]/],
  ['a range that is text', file({ w: f32([2], '0', 8) }, eight), /w lies at \["0",8\]/],
  ['no range', file({ w: { dtype: 'F32', shape: [2] } }, eight), /w lies at undefined/],
  ['a range beyond the file', file({ w: f32([4], 0, 16) }, eight), /speaks of \d+ bytes, the file has/],
  ['bytes after the last array', file({ w: f32([1], 0, 4) }, eight), /speaks of \d+ bytes, the file has/],
  ['arrays that overlap', file({ v: f32([1], 0, 4), w: f32([2], 0, 8) }, eight), /arrays overlap: w begins at byte 0/],
  ['arrays with a gap', file({ v: f32([1], 4, 8) }, eight), /leave a gap: v begins at byte 4/],
  ['metadata that is no text', file({ __metadata__: { epoch: 3 } }), /__metadata__ must be texts/],
  ['metadata that is a list', file({ __metadata__: [] }), /__metadata__ must be texts/],
];

for (const [what, bytes, message] of bad) {
  test(`${what} is refused in one line that names the file`, async () => {
    await expectDataError(() => readSafetensors(bytes, 'net.safetensors'), message);
    await expectDataError(() => readSafetensors(bytes, 'net.safetensors'), /^net\.safetensors: /);
  });
}

test('cut anywhere, a file gives one clear error', async () => {
  const bytes = writeSafetensors({ tensors: new Map([['w', array([[1, 2]])]]) });
  for (let length = 0; length < bytes.length; length++) {
    await expectDataError(() => readSafetensors(bytes.subarray(0, length), 'a'), /^a: /);
  }
});

test('an array cannot take the place of the texts', async () => {
  await expectDataError(
    () => writeSafetensors({ tensors: new Map([['__metadata__', array(1)]]) }),
    /cannot be named '__metadata__'/,
  );
});
