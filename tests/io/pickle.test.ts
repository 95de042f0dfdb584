import { expect, test } from 'vitest';
import { bytesSource, readPth } from '../../dezero/io';
import { unpickle } from '../../dezero/io/pickle';
import { torchRules } from '../../dezero/io/torchTensors';
import { expectDataError } from './helpers';

const bytesOf = (...parts: (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

const read = (...parts: (string | readonly number[])[]): unknown =>
  unpickle(bytesOf(...parts), 0, torchRules('x')).value;

test('plain data is read: numbers of every width, texts, lists, tuples, dicts', () => {
  const long = [0x8a, 2, 0x00, 0x80]; // −32768
  const float = ['G', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0]] as const; // 1.5
  expect(
    read(
      [0x80, 2],
      ']q\x00(K\x07M\x00\x01J\xff\xff\xff\xff',
      long,
      ...float,
      'X\x02\x00\x00\x00\xc3\xa4N',
      [0x88, 0x89],
      'e.',
    ),
  ).toEqual([7, 256, -1, -32768, 1.5, 'ä', null, true, false]);
  expect(read('}(U\x01aK\x01U\x01b)u.')).toEqual(
    new Map<string, unknown>([
      ['a', 1],
      ['b', []],
    ]),
  );
  expect(read([0x80, 4, 0x95, 4, 0, 0, 0, 0, 0, 0, 0], 'K\x01', [0x94], 'h\x00', [0x86], '.')).toEqual([1, 1]);
});

test('a name that is not of tensors is refused, and named', async () => {
  await expectDataError(
    () => read('cposix\nsystem\n(X\x02\x00\x00\x00lstR.'),
    /^x: .*"posix\.system", which is refused/,
  );
  await expectDataError(() => read([0x8c, 8], 'builtins', [0x8c, 4], 'eval', [0x93], '.'), /"builtins\.eval"/);
  await expectDataError(() => read('ctorch\nComplexFloatStorage\n.'), /"torch\.ComplexFloatStorage"/);
  await expectDataError(() => read('ctorch\nFloatStorage\n)R.'), /calls torch\.FloatStorage, which is refused/);
  await expectDataError(() => read('c__builtin__\nconstructor\n.'), /refused/);
});

test('an instruction that makes objects is refused, and named', async () => {
  await expectDataError(
    () => read('ccollections\nOrderedDict\n)', [0x81], '.'),
    /instruction NEWOBJ, which is refused/,
  );
  await expectDataError(() => read('(iposix\nsystem\n.'), /instruction INST, which is refused/);
  await expectDataError(() => read('\x00.'), /instruction .*u0000.*, which is refused/);
  await expectDataError(() => read(')}b.'), /sets attributes/);
});

test('broken pickles are named', async () => {
  await expectDataError(() => read('.'), /stack is empty/);
  await expectDataError(() => read('0'), /stack is empty/);
  await expectDataError(() => read('h\x07.'), /refers to value 7/);
  await expectDataError(() => read('t.'), /mark is missing/);
  await expectDataError(() => read('}(K\x01u.'), /key without a value/);
  await expectDataError(() => read('K\x01(K\x01e.'), /fills a list/);
  await expectDataError(() => read('K\x01(e.'), /fills a list/);
  await expectDataError(() => read(')(K\x01K\x01s.'), /fills a dict|stack is empty/);
  await expectDataError(() => read('X\xff\xff\xff\xff'), /cut off/);
  await expectDataError(() => read('B\xff\xff\xff\xff'), /cut off/);
  await expectDataError(() => read([0x8d, 255, 255, 255, 255, 255, 255, 255, 255]), /BINUNICODE8, which is refused/);
  await expectDataError(() => read('cno end of line'), /cut off/);
  await expectDataError(() => read([0x8b, 255, 0, 0, 0], 'x'.repeat(300)), /number of 255 bytes/);
  await expectDataError(() => read([0x80, 9], '.'), /unknown protocol/);
  await expectDataError(() => read('ccollections\nOrderedDict\n]K\x01a', [0x85], 'R.'), /damaged dict/);
});

test('hostile depth and counts take time in proportion to the file', async () => {
  const start = Date.now();
  const deep = '('.repeat(200_000) + 't'.repeat(200_000);
  expect(Array.isArray(read(deep, '.'))).toBe(true);
  await expectDataError(
    () => readPth(bytesOf([0x80, 2], deep, '.')),
    /a Python pickle, but none that torch\.save wrote/,
  );
  // one list of pairs, made into a dict again and again
  const again = '(' + 'h\x00'.repeat(100_000) + 'l';
  const pairs = `(K\x01K\x02tq\x000${again}q\x01`;
  await expectDataError(
    () => read(pairs, 'ccollections\nOrderedDict\nq\x020', `h\x02h\x01\x85R0`.repeat(100_000), '.'),
    /damaged dict/,
  );
  expect(Date.now() - start).toBeLessThan(10_000);
});

/** A bare PyTorch file whose one tensor has these marks. */
function tensorFile(length: number, offset: number, shape: string, strides: string): Uint8Array {
  const int = (n: number) => ['J', [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255]] as const;
  return bytesOf(
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], '.M\xe9\x03.}.',
    '}U\x01wctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x01aU\x03cpu', ...int(length), 'NtQ', ...int(offset),
    `${shape}${strides}tRs.`, ']U\x01aa.', [length, 0, 0, 0, 0, 0, 0, 0], new Array<number>(4 * length).fill(0),
  ); // prettier-ignore
}

test('a tensor that reaches over its storage, or asks for endless memory, is refused', async () => {
  const two = 'K\x02\x85';
  const one = 'K\x01\x85';
  const { tensors } = await readPth(tensorFile(2, 0, two, one));
  expect(tensors.get('w')?.toNested()).toEqual([0, 0]);
  await expectDataError(() => readPth(tensorFile(2, 1, two, one)), /w reaches element 2 of a storage of 2/);
  await expectDataError(() => readPth(tensorFile(2, -1, two, one)), /damaged tensor/);
  await expectDataError(() => readPth(tensorFile(2, 0, two, 'K\x05\x85')), /w reaches element 5/);
  await expectDataError(() => readPth(tensorFile(2, 0, two, '(K\x01K\x01t')), /damaged tensor/);
  await expectDataError(() => readPth(tensorFile(2, 0, 'J\xff\xff\xff\xff\x85', one)), /no proper shape/);
  const huge = 'J\xff\xff\xff\x7f';
  await expectDataError(
    () => readPth(tensorFile(2, 0, `${huge}\x85`, 'K\x00\x85')),
    /need 8589934588 bytes, far more than/,
  );
  await expectDataError(
    () => readPth(tensorFile(2, 0, `${huge}${huge}${huge}\x87`, 'K\x00K\x00K\x00\x87')),
    /impossible shape/,
  );
  await expectDataError(
    () => readPth(tensorFile(2, 0, `(${'K\x01'.repeat(99)}t`, `(${'K\x01'.repeat(99)}t`)),
    /no proper shape/,
  );
});

test('a file is named in its errors', async () => {
  await expectDataError(() => readPth(bytesSource(bytesOf('hello'), 'my.pth')), /^my\.pth: /);
});
