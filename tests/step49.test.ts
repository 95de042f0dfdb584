import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { array, hasDevice, setSeed } from 'dezero';
import { loadTensors, saveTensors } from 'dezero/io';
import { MLP } from 'dezero/models';
import { SGD } from 'dezero/optimizers';
import { afterAll, expect, test } from 'vitest';
import { main, readHeader, readNumbers, Run, sameBits } from '../steps/step49';
import { captured } from './captured';

const folder = mkdtempSync(path.join(tmpdir(), 'dezero-step49-'));
const place = (name: string) => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of three epochs, its file, and the losses of the two that follow. */
async function stopped(name: string) {
  setSeed(0);
  const run = new Run();
  await run.train(3);
  await run.save(place(name));
  const bits = new Map(Array.from(run.model.parameters(), ([at, p]) => [at, p.values.slice()]));
  return { bits, unbroken: await run.train(2) };
}

test('a run saved and resumed has the losses of the unbroken one, to the last bit', async () => {
  const { unbroken } = await stopped('run.safetensors');
  setSeed(9);
  const resumed = await (await new Run().load(place('run.safetensors'))).train(2);
  const message = "other losses after resuming: is all of the optimizer's memory in the file, its count of steps too, and does the loader go on at the right epoch?"; // prettier-ignore
  expect(resumed, message).toEqual(unbroken);
});

test('with the parameters only, the optimizer begins anew and the losses are others', async () => {
  const { unbroken } = await stopped('forget.safetensors');
  const again = await (await new Run().load(place('forget.safetensors'), { forget: true })).train(2);
  expect(again, "this run was to forget the optimizer's memory").not.toEqual(unbroken);
});

test('a safetensors file is 8 bytes of length, little end first, then so much JSON, then the numbers without a gap', async () => {
  const { bits } = await stopped('rules.safetensors');
  const file = readFileSync(place('rules.safetensors'));
  const length = file.readUIntLE(0, 6);
  const start = 8 + length;
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>; // prettier-ignore
  expect(start % 8, 'the numbers begin at a multiple of 8').toBe(0);
  let end = 0;
  for (const [name, { shape, data_offsets: at }] of Object.entries(header).filter(([key]) => key !== '__metadata__')) {
    expect(at[0], `${name} begins where the array before it ends, counted from the end of the header`).toBe(end);
    end = at[1];
    const values = bits.get(name);
    if (!values) continue;
    const numbers = Array.from(values, (_, i) => file.readFloatLE(start + at[0] + 4 * i));
    expect(numbers, `${name} in the file has other numbers than the model`).toEqual([...values]);
    expect(shape.reduce((a, b) => a * b, 1)).toBe(values.length);
  }
  expect(start + end, 'the file ends with its last array').toBe(file.length);
});

test('the reader of fifteen lines finds names, shapes and numbers', async () => {
  const { bits } = await stopped('header.safetensors');
  const file = readFileSync(place('header.safetensors'));
  const { arrays, metadata } = readHeader(file);
  expect(arrays.get('layers.0.weight')).toEqual({ dtype: 'F32', shape: [2, 20], data_offsets: [0, 160] });
  expect(metadata).toMatchObject({ epoch: '3' });
  for (const [name, values] of bits) expect(readNumbers(file, name), `${name} is read wrongly`).toEqual(values);
});

test('a file that others wrote by the same rules is read', async () => {
  const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
  const file = Buffer.concat([Buffer.alloc(8), header, Buffer.alloc(8)]);
  file.writeBigUInt64LE(BigInt(header.length));
  file.writeFloatLE(-1.5, 8 + header.length);
  file.writeFloatLE(3, 12 + header.length);
  writeFileSync(place('theirs.safetensors'), file);
  const { tensors } = await loadTensors(place('theirs.safetensors'));
  expect([...(tensors.get('w')?.values ?? [])], 'numbers begin right behind the header').toEqual([-1.5, 3]);
});

test.each(['model.safetensors', 'model.npz'])('%s brings every parameter back to the last bit', async (name) => {
  const { model } = await trained();
  await model.save(place(name));
  setSeed(5);
  const other = new Run().model;
  await other.load(place(name));
  const ours = new Map(model.parameters());
  for (const [at, p] of other.parameters())
    expect(sameBits(p, ours.get(at)?.values ?? []), `${at} is another after a way through ${name}`).toBe(true);
});

async function trained(): Promise<Run> {
  setSeed(0);
  const run = new Run();
  await run.train(1);
  return run;
}

test('parameters are bit-equal after a trip to the gpu and back', async (context) => {
  if (!(await hasDevice('gpu'))) return context.skip('there is no gpu here');
  const { model } = await trained();
  const before = new Map(Array.from(model.parameters(), ([at, p]) => [at, p.values.slice()]));
  await model.to('gpu').to('cpu');
  for (const [at, p] of model.parameters()) expect(sameBits(p, before.get(at) ?? []), at).toBe(true);
});

test('loading is strict: all that does not fit is listed, and nothing is changed', async () => {
  const { model } = await trained();
  await model.save(place('strict.safetensors'));
  const larger = new MLP([21, 3], { in: 2 });
  const before = [...larger.parameters()].map(([, p]) => String(p.data));
  await expect(larger.load(place('strict.safetensors'))).rejects.toThrow(
    /layers\.0\.weight has shape \(2, 20\), the model needs \(2, 21\).*layers\.1\.weight has shape \(20, 3\)/,
  );
  expect([...larger.parameters()].map(([, p]) => String(p.data))).toEqual(before);
  await expect(new MLP([20, 3, 3], { in: 2 }).load(place('strict.safetensors'))).rejects.toThrow('missing layers.2.weight'); // prettier-ignore
});

test('the memory of another optimizer, a cut file and a file without a memory are refused in one line', async () => {
  const run = await trained();
  await run.save(place('adam.safetensors'));
  const { model } = new Run();
  const sgd = new SGD({ lr: 1 }).setup(model);
  await expect(model.load(place('adam.safetensors'), { optimizer: sgd })).rejects.toThrow("is not what SGD remembers; was it another optimizer's?"); // prettier-ignore
  await run.model.save(place('bare.safetensors'));
  await expect(new Run().load(place('bare.safetensors'))).rejects.toThrow('holds no optimizer state');
  writeFileSync(place('cut.safetensors'), readFileSync(place('adam.safetensors')).subarray(0, -100));
  await expect(new Run().load(place('cut.safetensors'))).rejects.toThrow(/bytes, the file has .*cut off/);
  await expect(saveTensors(place('model.pth'), new Map([['w', array([1])]]))).rejects.toThrow('save as .safetensors');
});

test('the step prints three runs and the header', async () => {
  const lines = await captured(() => main({ before: 3, after: 2, folder: place('out') }));
  const text = lines.join('\n');
  expect(text).toMatch(/parameters only .* 0 of 2 equal/);
  expect(text).toMatch(/with the optimizer .* 2 of 2 equal/);
  expect(text).toMatch(/layers\.0\.weight +F32 \(2, 20\) +bytes 0 to 160/);
  expect(text.match(/bit for bit ours/g)?.length).toBe((await hasDevice('gpu')) ? 3 : 2);
});
