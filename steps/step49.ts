/**
 * Step 49 · Saving and loading: a run that can stop.
 *
 * A training takes hours, and computers are switched off. Keep the parameters and go on from there, and the run is another one: Adam has
 * forgotten how steep each direction was (step 37) and stumbles. So the optimizer's memory belongs in the file too, and then the run goes on as
 * if nothing had happened, to the last bit. The file is no secret either: its first bytes say what lies where.
 */
import { readFileSync } from 'node:fs';
import { hasDevice, memoryScope, setSeed, type NDArray } from 'dezero';
import { DataLoader, Spiral } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP } from 'dezero/models';
import { Adam } from 'dezero/optimizers';

/** Everything that a training consists of. */
export class Run {
  readonly model = new MLP([20, 3], { activation: F.relu, in: 2 });
  readonly optimizer = new Adam({ lr: 0.02 }).setup(this.model);
  readonly loader = new DataLoader(new Spiral(), { batch: 30, shuffle: true });

  /** The mean loss of each epoch. */
  async train(epochs: number): Promise<number[]> {
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      let sum = 0;
      for await (const [x, t] of this.loader) {
        using _ = memoryScope();
        const loss = F.softmaxCrossEntropy(this.model.call(x), t);
        this.model.clearGrads();
        loss.backward();
        this.optimizer.update();
        sum += loss.item();
      }
      losses.push(sum / this.loader.length);
    }
    return losses;
  }

  /** Model, optimizer and the number of the epoch: what a later run needs to go on. */
  save(file: string): Promise<void> {
    return this.model.save(file, { optimizer: this.optimizer, metadata: { epoch: `${this.loader.epoch}` } });
  }

  /** Goes on from a file; without the optimizer's memory, if we forget it. */
  async load(file: string, { forget = false } = {}): Promise<this> {
    const { epoch } = await this.model.load(file, forget ? {} : { optimizer: this.optimizer });
    this.loader.epoch = Number(epoch); // decides the order of the samples
    return this;
  }
}

/** An array as a safetensors file tells of it; the offsets count from the end of the header. */
type Entry = Readonly<{ dtype: string; shape: readonly number[]; data_offsets: readonly [begin: number, end: number] }>;

/** The header of a safetensors file, read by its rules and nothing of ours: 8 bytes of length, then so much JSON, then numbers. */
export function readHeader(file: Uint8Array): { arrays: Map<string, Entry>; metadata: unknown; start: number } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)); // little end first
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  const { __metadata__: metadata, ...entries } = JSON.parse(text) as Record<string, Entry>;
  return { arrays: new Map(Object.entries(entries)), metadata, start: 8 + length };
}

/** The numbers of an F32 array in such a file. */
export function readNumbers(file: Uint8Array, name: string): Float32Array {
  const { arrays, start } = readHeader(file);
  const [begin, end] = arrays.get(name)?.data_offsets ?? [0, 0];
  return new Float32Array(Uint8Array.from(file.subarray(start + begin, start + end)).buffer); // little end first, as everywhere
}

/** True if two arrays have the same numbers, to the last bit. */
export function sameBits({ values: a }: Pick<NDArray, 'values'>, b: ArrayLike<number>): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

export async function main({ before = 60, after = 10, folder = 'out/step49' } = {}): Promise<void> {
  const file = `${folder}/run.safetensors`;
  setSeed(0);
  const run = new Run();
  await run.train(before);
  await run.save(file);
  const unbroken = await run.train(after);
  setSeed(1); // other first weights, as proof that they come from the file
  const forgetful = await (await new Run().load(file, { forget: true })).train(after);
  const resumed = await (await new Run().load(file)).train(after);

  console.log(`Saved after epoch ${before}. The losses of the epochs that follow:`);
  const runs = { unbroken, 'parameters only': forgetful, 'with the optimizer': resumed };
  for (const [name, losses] of Object.entries(runs)) {
    const some = losses.slice(0, 3).map((loss) => loss.toFixed(15));
    const equal = losses.filter((loss, i) => loss === unbroken[i]).length;
    console.log(`  ${name.padEnd(18)} ${some.join('  ')} …  ${equal} of ${after} equal to the last bit`);
  }

  const bytes = readFileSync(file);
  const { arrays, metadata, start } = readHeader(bytes);
  console.log(`\nWhat ${file} says in its first ${start} of ${bytes.length} bytes:`);
  for (const [name, { dtype, shape, data_offsets: at }] of arrays) {
    const kind = `${dtype} (${shape.join(', ')})`;
    console.log(`  ${name.padEnd(32)} ${kind.padEnd(15)}  bytes ${at.join(' to ')}`);
  }
  console.log(`  ${JSON.stringify(metadata)}`);

  const { model } = await new Run().load(file);
  const verdict = (numbersOf: (path: string) => ArrayLike<number>) =>
    [...model.parameters()].every(([path, p]) => sameBits(p, numbersOf(path))) ? 'bit for bit ours' : 'OTHERS';
  console.log(`read by these rules alone, the parameters are ${verdict((path) => readNumbers(bytes, path))}`);
  await model.save(`${folder}/model.npz`); // a zip of NumPy's arrays: numpy.load(file)['layers.0.weight']
  const { model: other } = new Run();
  await other.load(`${folder}/model.npz`);
  const others = new Map(other.parameters());
  const loaded = (path: string) => others.get(path)?.values ?? [];
  console.log(`by way of ${folder}/model.npz, for NumPy, they are ${verdict(loaded)}`);
  if (!(await hasDevice('gpu'))) return console.log('There is no gpu here to send them to and back.');
  await other.to('gpu').to('cpu');
  console.log(`to the gpu and back, they are ${verdict(loaded)}`);
}

if (require.main === module) void main();
