import { array, variable, zeros } from 'dezero';
import {
  Drawn,
  drawnEval,
  imagenetClasses,
  imagenetEval,
  Photo,
  readImage,
  trainedKinds as kinds,
  transformSample,
} from 'dezero/data';
import * as F from 'dezero/functions';
import { assetPath, loadTensors } from 'dezero/io';
import { ResNet18, SqueezeNet10, SqueezeNet11 } from 'dezero/models';
import { expect, test } from 'vitest';
import { countOf, drawings, load, main, namesFor, networkFor, top } from '../steps/step50';
import { captured } from './captured';

const weights = assetPath('models/pretrained/squeezenetSmall.pth');
/** A file of weights with only so many arrays, all 0. */
const holding = (shapes: Record<string, number[]>) => new Map(Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)])); // prettier-ignore

test('a network is known by the shapes in its file, and has as many parameters as the published one', () => {
  const squeezeNet = (filters: number[]) => networkFor(holding({ 'features.0.weight': filters, 'classifier.1.weight': [1000, 512, 1, 1] })); // prettier-ignore
  const cases = [
    { model: squeezeNet([96, 3, 7, 7]), Network: SqueezeNet10, count: 1_248_424 },
    { model: squeezeNet([64, 3, 3, 3]), Network: SqueezeNet11, count: 1_235_496 },
    { model: networkFor(holding({ 'layer4.1.conv2.weight': [512, 512, 3, 3], 'fc.weight': [1000, 512] })), Network: ResNet18, count: 11_689_512 }, // prettier-ignore
  ];
  for (const { model, Network, count } of cases) {
    expect(model).toBeInstanceOf(Network);
    expect(countOf(model), `${Network.name} has another number of parameters than was published`).toBe(count);
  }
  expect(() => networkFor(holding({ w: [3] }))).toThrow('no network of this step');
});

test("PyTorch's file is read to the last bit, in order, and marked as PyTorch's", async () => {
  const { tensors, metadata } = await loadTensors(weights);
  expect(metadata, 'PyTorch keeps the table of a Linear as (out, in), so a loader must know whose file it is').toEqual({
    format: 'pt',
  });
  const twin = await loadTensors(assetPath('models/pretrained/squeezenetSmall.safetensors'));
  expect([...tensors.keys()]).toEqual([...twin.tensors.keys()]);
  for (const [name, x] of tensors) {
    expect(x.shape, name).toEqual(twin.tensors.get(name)?.shape);
    expect(x.values, `${name} has other numbers than were saved`).toEqual(twin.tensors.get(name)?.values);
  }
});

test('with its trained weights the network knows most drawings it has never seen', async () => {
  const { model } = await load(weights);
  const set = await Drawn.open({ split: 'val', kinds, perClass: 8, transform: drawnEval() });
  let right = 0;
  for (let i = 0; i < set.length; i++) {
    const [x, t] = await set.get(i);
    if (top(model, x)[0]?.name === kinds[t]) right++;
  }
  const message =
    'trained weights, and yet it sees little: do the parts of a Fire come in their order, 1×1 before 3×3?';
  expect(right / set.length, message).toBeGreaterThan(0.6); // a guess: 0.08
});

test('answers come with probabilities, the likeliest first', async () => {
  const { model, transform } = await load(weights);
  const [photo] = await drawings();
  const answers = top(model, await transformSample(transform, photo, 0, 0), kinds.length);
  const probabilities = answers.map(({ probability }) => probability);
  expect(probabilities, 'the likeliest answer comes first').toEqual([...probabilities].sort((a, b) => b - a));
  expect(
    probabilities.reduce((a, b) => a + b, 0),
    'probabilities add up to 1',
  ).toBeCloseTo(1, 5);
  expect(new Set(answers.map(({ name }) => name))).toEqual(new Set(kinds));
  expect([namesFor(1000)[310], namesFor(1000)[309], imagenetClasses.length]).toEqual(['ant', 'bee', 1000]);
});

test('weights of another network are refused, all complaints at once', async () => {
  const wrong = new SqueezeNet11({ classes: 12 });
  const values = () => [...wrong.parameters()].map(([, p]) => p.values.slice(0, 5));
  const before = values();
  await expect(wrong.load(weights)).rejects.toThrow(
    /does not fit SqueezeNet11: features\.0\.weight has shape \(32, 3, 3, 3\), the model needs \(64, 3, 3, 3\).*missing features\.12/,
  );
  expect(values(), 'a file that does not fit changes nothing').toEqual(before);
});

test('a photo is shown as the networks were trained: shorter side 256, the middle 224 × 224, normalised', async () => {
  // red grows from the left to the right, green from the top to the bottom
  const [width, height] = [512, 256];
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) data.set([(i % width) / 2, Math.floor(i / width), 255], 3 * i);
  const x = await transformSample(imagenetEval(), new Photo({ width, height, data }, 'slope'), 0, 0);
  expect(x.shape).toEqual([3, 224, 224]);
  const at = (c: number, row: number, column: number) => x.values[(c * 224 + row) * 224 + column];
  const message = 'shorter side 256, then the middle: is the longer side cut, or the picture squeezed?';
  expect(at(0, 0, 0), message).toBeCloseTo((72 / 255 - 0.485) / 0.229, 1);
  expect(at(0, 0, 223), message).toBeCloseTo((183.5 / 255 - 0.485) / 0.229, 1);
  expect(at(1, 0, 0), message).toBeCloseTo((16 / 255 - 0.456) / 0.224, 1);
  expect(at(2, 100, 100), 'each channel is normalised by its own mean and std').toBeCloseTo((1 - 0.406) / 0.225, 4);
  const tall = await transformSample(imagenetEval(), new Photo({ width: height, height: width, data }, 'tall'), 0, 0);
  expect(tall.shape, 'a tall photo is cut above and below').toEqual([3, 224, 224]);
});

test('concat joins along an axis, and each part gets its piece of the gradient', () => {
  const [a, b] = [variable([[1, 2]]), variable([[3], [4]].slice(0, 1))]; // prettier-ignore
  const y = F.concat([a, b], { axis: 1 });
  expect(y.data.toNested()).toEqual([[1, 2, 3]]);
  y.mul(array([[10, 20, 30]]))
    .sum()
    .backward();
  expect([a.grad?.data.toNested(), b.grad?.data.toNested()], 'each part has its own piece of gy').toEqual([[[10, 20]], [[30]]]); // prettier-ignore
});

test('a photo or weights that are not there, or are no such thing, are an error of one line', async () => {
  await expect(readImage('no/such.jpg')).rejects.toThrow('no/such.jpg: cannot be read: there is no such file');
  await expect(readImage(weights)).rejects.toThrow('broken photo: its content is no JPEG, PNG or WebP');
  await expect(load(__filename)).rejects.toThrow('not a safetensors, npz or PyTorch file');
});

test('the step prints the counts, what the file holds, the refusal and five answers', async () => {
  const text = (await captured(() => main({ weights }))).join('\n');
  for (const count of ['1,248,424', '1,235,496', '11,689,512']) expect(text).toContain(count);
  expect(text).toContain('squeezenetSmall.pth, written by PyTorch, holds 40 tensors');
  expect(text).toMatch(/features\.0\.weight +float32 \(32, 3, 3, 3\)/);
  expect(text).toContain('the model needs (64, 3, 3, 3)');
  expect(text.match(/^ {2}\w+ \d+\.\d %$/gm)).toHaveLength(5);
  expect(text).toContain('out/step50/answers.png');
});
