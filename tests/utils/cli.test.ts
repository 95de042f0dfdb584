import { afterEach, expect, test, vi } from 'vitest';
import { onInterrupt, parseFineTuneOptions, resumeCommand, UsageError } from '../../dezero/utils/cli.node';

const parse = (line: string) => parseFineTuneOptions(line === '' ? [] : line.split(' '));

function complaint(line: string): UsageError {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`'${line}' was accepted`);
}

afterEach(() => vi.restoreAllMocks());

test('with no flags everything is left to the defaults', () => {
  const defaults = {
    device: 'auto',
    seed: 0,
    out: 'out/step53',
    verbose: false,
  };
  expect(parse('')).toEqual(defaults);
});

test('every flag is read', () => {
  const flags =
    '--data drawn --weights none --model squeezenet1_1 --device cpu --mixed --epochs 2 --batch 8 --seed 7 --limit 48 --out o --checkpoint c --resume r --predict p --verbose';
  expect(parse(flags)).toEqual({
    data: 'drawn',
    weights: 'none',
    model: 'squeezenet1_1',
    device: 'cpu',
    mixed: true,
    epochs: 2,
    batch: 8,
    seed: 7,
    limit: 48,
    out: 'o',
    checkpoint: 'c',
    resume: 'r',
    predict: 'p',
    verbose: true,
  });
});

test.each([
  ['--epoch 3', /unknown option '--epoch' \(Did you mean --epochs\?\)/],
  ['--epochs 0', /--epochs.*a whole number from 1 on is needed/],
  ['--epochs 1.5', /--epochs.*whole number/],
  ['--epochs 1e1', /--epochs.*whole number/],
  ['--batch many', /--batch.*whole number/],
  ['--seed -1', /--seed.*whole number from 0/],
  ['--limit 0', /--limit.*whole number/],
  ['--device tpu', /--device.*Allowed choices are auto, cpu, gpu/],
  ['--model vgg19', /--model.*squeezenet1_0, squeezenet1_1, vgg16, resnet18/],
  ['--data', /--data.*argument missing/],
  ['photos', /too many arguments/],
])('%s is refused in one line, with exit code 2', (line, message) => {
  const error = complaint(line);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
  expect(error.exitCode).toBe(2);
});

test.each([
  ['', '--resume c.safetensors'],
  ['--seed 3 --verbose --device gpu', '--device gpu --seed 3 --verbose --resume c.safetensors'],
  ['--epochs 2 --resume older.safetensors', '--epochs 2 --resume c.safetensors'],
])('a training begun with `%s` goes on with `%s`', (line, expected) => {
  const command = resumeCommand(parse(line), 'c.safetensors');
  expect(command).toMatch(/^npm start -- /);
  const flags = command.slice('npm start -- '.length);
  expect(flags.split(' ').sort()).toEqual(expected.split(' ').sort());
  expect(parse(flags)).toEqual({ ...parse(line), resume: 'c.safetensors' });
});

test('names that a shell would take apart are quoted in the command that goes on', () => {
  const command = resumeCommand({ ...parse(''), data: 'my "best" photos' }, 'a b.safetensors');
  expect(command).toContain('--data "my \\"best\\" photos" --resume "a b.safetensors"');
});

test('--help lists every flag and ends with 0', () => {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  expect(complaint('--help').exitCode).toBe(0);
  for (const flag of 'data weights model device epochs batch seed limit out checkpoint resume predict verbose help'.split(
    ' ',
  )) {
    expect(text).toContain(`--${flag}`);
  }
  expect(text).toContain('out/step53');
});

test('the first Ctrl-C asks to end, the second ends at once with 130', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const before = process.listenerCount('SIGINT');
  const notices: string[] = [];
  const interrupt = onInterrupt((line) => notices.push(line));
  try {
    expect(interrupt.requested).toBe(false);
    process.emit('SIGINT');
    expect(interrupt.requested).toBe(true);
    expect(notices).toHaveLength(1);
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGTERM');
    expect(exit).toHaveBeenCalledWith(130);
  } finally {
    interrupt.dispose();
  }
  expect(process.listenerCount('SIGINT')).toBe(before);
});
