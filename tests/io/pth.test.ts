import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNpz, readPth, readTensors, writeZip, openZip, bytesSource } from '../../dezero/io';
import { expectDataError, fixture, testData } from './helpers';

interface Expected {
  dtype: string;
  shape: number[];
  values: (number | string)[];
}

const expected = Object.entries(
  JSON.parse(new TextDecoder().decode(fixture('state.json'))) as Record<string, Expected>,
);

for (const file of ['zip.pth', 'bare.pth']) {
  test(`${file}: every element type and stride is read as PyTorch had it, in order`, async () => {
    const { tensors, metadata } = await readTensors(fixture(file), file);
    expect(metadata, 'PyTorch keeps a Linear as (out, in): whoever loads it must be told').toEqual({ format: 'pt' });
    expect([...tensors.keys()]).toEqual(expected.map(([name]) => name));
    for (const [name, { dtype, shape, values }] of expected) {
      const x = tensors.get(name);
      expect([name, x?.dtype, x?.shape]).toEqual([name, dtype, shape]);
      // + 0: JSON keeps −0, a comparison of bool and int need not
      expect([name, ...Array.from(x?.values ?? [], (v) => v + 0)]).toEqual([name, ...values.map((v) => Number(v) + 0)]);
    }
  });

  test(`${file}: tensors that shared memory have memory of their own`, async () => {
    const { tensors } = await readPth(fixture(file), file);
    const [whole, tail] = [tensors.get('transposed'), tensors.get('tail')];
    const before = Array.from(whole?.values ?? []);
    tail?.values.fill(-1);
    expect(Array.from(whole?.values ?? [])).toEqual(before);
  });

  test(`${file}: cut anywhere, it gives one clear error`, async () => {
    const bytes = fixture(file);
    for (let length = 1; length < bytes.length; length += 7) {
      await expectDataError(() => readPth(bytes.subarray(0, length), file), new RegExp(`^${file}: `));
    }
  });

  test(`${file}: any damaged byte gives an error or tensors, never a crash or a hang`, async () => {
    const bytes = fixture(file);
    for (let at = 0; at < bytes.length; at += 127) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await readPth(damaged, file).catch((error: unknown) => expect(error).toHaveProperty('name', 'DataError'));
    }
  });
}

test("Node's Buffers are read like other bytes, and not held on to", async () => {
  for (const file of ['zip.pth', 'bare.pth', 'stored.npz']) {
    const bytes = Buffer.from(fixture(file));
    const [fromBuffer, fromBytes] = [await readTensors(bytes, file), await readTensors(fixture(file), file)];
    bytes.fill(0);
    for (const [name, x] of fromBytes.tensors) expect(fromBuffer.tensors.get(name)?.values).toEqual(x.values);
  }
});

test('SqueezeNet 1.0 in its real file has the shapes and sizes that torchvision names', async () => {
  const file = testData('squeezenet1_0_imagenet.pth');
  if (!file) return;
  const { tensors } = await readTensors(new Uint8Array(readFileSync(file)), file);
  expect(tensors.size).toBe(52);
  expect(tensors.get('features.0.weight')?.shape).toEqual([96, 3, 7, 7]);
  expect([...tensors.values()].reduce((sum, x) => sum + x.size, 0)).toBe(1_248_424);
  expect([...tensors.keys()].at(-1)).toBe('classifier.1.bias');
});

test('the golden file has arrays, and the names of the photos as texts', async () => {
  const file = testData('squeezenet1_0_golden.npz');
  if (!file) return;
  const { tensors, metadata } = await readNpz(new Uint8Array(readFileSync(file)), file);
  expect(tensors.get('p0_input')?.shape).toEqual([1, 3, 224, 224]);
  expect(tensors.get('p0_crop_u8')?.dtype).toBe('int32');
  expect(metadata['p0_name']).toMatch(/\.jpg$/);
});

test('a state dict inside a training checkpoint is found', async () => {
  const { tensors } = await readPth(fixture('nested.pth'));
  expect(tensors.get('w')?.toNested()).toEqual([1, 2]);
});

test('what is not one state dict is named', async () => {
  await expectDataError(
    () => readPth(fixture('two.pth'), 'a.pth'),
    /^a\.pth: expected one dict .* found several: 'model', 'ema'$/,
  );
  await expectDataError(
    () => readPth(fixture('none.pth')),
    /found a dict of 'epoch' \(a number\), 'loss' \(a number\)$/,
  );
  await expectDataError(() => readPth(fixture('list.pth')), /found a list of 1$/);
});

test('a 64-bit integer that does not fit is named with its tensor', async () => {
  await expectDataError(() => readPth(fixture('large.pth')), /: w holds 5000000000, which does not fit int32$/);
});

test('a whole module is refused by name, with the mend', async () => {
  const refused = /"torch\.nn\.modules\.linear\.Linear", which is refused.*state_dict/;
  await expectDataError(() => readPth(fixture('module.pth')), refused);
  await expectDataError(() => readPth(fixture('module-bare.pth')), refused);
});

test('a TorchScript program is refused with the mend', async () => {
  const none = new Uint8Array();
  const bytes = await writeZip([
    ['net/data.pkl', none],
    ['net/constants.pkl', none],
  ]);
  await expectDataError(() => readTensors(bytes, 'net.pt'), /^net\.pt: is a TorchScript program.*state_dict/);
});

test('big-endian files are turned round', async () => {
  const zip = await openZip(bytesSource(fixture('nested.pth')));
  const parts: [string, Uint8Array][] = [['nested/byteorder', new TextEncoder().encode('big')]];
  for (const { name } of zip.entries) {
    const bytes = await zip.read(name);
    parts.push([name, name === 'nested/data/0' ? swap4(bytes) : bytes]);
  }
  const { tensors } = await readPth(await writeZip(parts));
  expect(tensors.get('w')?.toNested()).toEqual([1, 2]);
});

function swap4(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at < out.length; at += 4) out.subarray(at, at + 4).reverse();
  return out;
}
