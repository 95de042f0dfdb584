import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import ts from 'typescript';
import { setDevice, setSeed } from 'dezero';
import { classOf, type ApiName } from '../../docs/site/api';
import { examplesIn, writeExamples, type Run } from '../../docs/site/examples';
import { bookOf } from '../../docs/site/prepare';
import { readSources } from '../../tools/sources';
import { Typechecker } from '../../tools/typecheck';

const root = process.cwd();
const { names } = bookOf(root, { lenient: true });
const files = writeExamples(root, names);

/** Why an example is read by the compiler alone. */
const notRun: Readonly<Record<string, string>> = {
  VGG16: 'half a gigabyte of weights, drawn one by one',
  fetchDigits: 'goes out to the network',
  fetchPhotos: 'goes out to the network',
  fetchWeights: 'goes out to the network',
  cached: 'goes out to the network',
  download: 'goes out to the network',
  runMain: 'ends the program',
};

/** Why a name has no example. */
const noExample: Readonly<Record<string, string>> = {
  Recurrent: 'abstract: RNN, LSTM and GRU have one',
  ResidualBlock: 'abstract: BasicBlock and Bottleneck have one',
  ResNet: 'abstract: ResNet18 and ResNet50 have one',
  SqueezeNet: 'abstract: SqueezeNet10 and SqueezeNet11 have one',
  UsageError: 'thrown by parseFineTuneOptions, and made by nobody else',
};

/** A class of Func is called through its function, which has the example; an operation on arrays is the function of its name in F. */
function needsExample(one: ApiName): boolean {
  const isFunction = one.kind === 'class' && /extends Func\b/.test(one.signature);
  const isOnArrays = one.at === 'ndarray/ops.ts';
  const isError = one.at === 'backends/errors.ts';
  return (one.kind === 'class' || one.kind === 'function') && !isFunction && !isOnArrays && !isError;
}

let program: ts.Program;
const folder = mkdtempSync(path.join(tmpdir(), 'dezero-examples-'));
beforeAll(() => {
  program = new Typechecker(root).program(readSources(root), [...files.values()]);
  process.chdir(folder); // where they may write
});
afterAll(() => {
  process.chdir(root);
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await setDevice('cpu');
  setSeed(0);
});

test.each([...files])('the examples of %s are sound TypeScript', (_, file) => {
  const source = program.getSourceFile(path.join(root, file));
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  const place = (start = 0) => source?.text.slice(start).split('\n', 1)[0];
  const words = found.map(
    ({ messageText, start }) => `${place(start)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
  expect(words).toEqual([]);
});

describe('an example gives what stands behind its arrows', () => {
  const run = examplesIn(names).filter(({ name }) => !Object.hasOwn(notRun, name));
  test.each(run)('$page $name', async ({ name, page, results }) => {
    const { examples } = (await import(path.join(root, files.get(page) ?? ''))) as { examples: Record<string, Run> };
    const told: string[] = [];
    await examples[name]?.((value) => told.push(typeof value === 'string' ? value : inspect(value)));
    expect(told).toEqual(results);
  });
});

test('every name that one can call has an example', () => {
  const missing = names.filter((one) => {
    if (!needsExample(one) || Object.hasOwn(noExample, one.name)) return false;
    const its = names.find((other) => classOf(other, [one]) === one); // the function speaks for its class
    return one.doc.example === '' && (its ?? one).doc.example === '';
  });
  expect(missing.map(({ page, name }) => `${page} ${name}`)).toEqual([]);
});

test('an exemption is needed, and says why', () => {
  const own = new Map(names.map((one) => [one.name, one]));
  for (const name of Object.keys(noExample)) expect(own.get(name)?.doc.example, name).toBe('');
  for (const name of Object.keys(notRun)) expect(own.get(name)?.doc.example, name).not.toBe('');
});
