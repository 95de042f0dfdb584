import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { WeightsName } from '../io';

/** A command line that cannot be understood; the message says what was expected. @since 53 */
export class UsageError extends Error {
  override name = 'UsageError';
  /** What the program ends with: 2, or 0 after --help. @since 53 */
  readonly exitCode: number;
  /** The line to show, already shown by --help. @since 53 */
  constructor(message: string, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The networks that photos can be given to: those with published weights. The list itself would have to load all of io at each start. */
const MODELS: readonly WeightsName[] = ['squeezenet1_0', 'squeezenet1_1', 'vgg16', 'resnet18'];

/** What step 53 can be told. @since 53 */
export interface FineTuneOptions {
  readonly data?: string;
  readonly weights?: string;
  readonly model?: WeightsName;
  readonly device: 'auto' | 'cpu' | 'gpu';
  /** Mixed precision, on a gpu that has it. @since 53 */
  readonly mixed?: boolean;
  /** Of all layers; left out: what suits the data. @since 53 */
  readonly epochs?: number;
  readonly batch?: number;
  readonly seed: number;
  readonly limit?: number;
  readonly out: string;
  /** Where the training is saved while it goes on, or 'none'; left out: in `out`. @since 53 */
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly predict?: string;
  readonly verbose: boolean;
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number from ${least} on is needed.`);
    return value;
  };
}

/**
 * Step 53's flags. @throws UsageError in one line.
 * @example
 * parseFineTuneOptions(['--data', 'drawn', '--epochs', '2']).epochs; // → 2
 * @since 53
 */
export function parseFineTuneOptions(args: readonly string[]): FineTuneOptions {
  let trouble = '';
  const command = new Command('npm start --')
    .description('Fine-tunes a pretrained network on photos of ants and bees.')
    .addOption(
      new Option(
        '--data <place>',
        "folder or zip of photos, or 'drawn'; default: the official photos, or drawings where they cannot be had",
      ),
    )
    .addOption(
      new Option(
        '--weights <file>',
        "trained weights (.pth, .safetensors, .npz), or 'none' to start from scratch; default: the published ones",
      ),
    )
    .addOption(new Option('--model <name>', 'the network; default squeezenet1_0').choices(MODELS))
    .addOption(new Option('--device <name>', 'where to compute').choices(['auto', 'cpu', 'gpu']).default('auto'))
    .option('--mixed', 'mixed precision: multiply in 16 bits and add up in 32, on a gpu that can')
    .option(
      '--epochs <n>',
      'epochs of all layers, after at most as many of the head alone; default 5 for photos (vgg16: 2), 14 for drawings',
      wholeFrom(1),
    )
    .option('--batch <n>', 'pictures in a batch; default 16', wholeFrom(1))
    .option('--seed <n>', 'decides order, augmentation, dropout and the first head', wholeFrom(0), 0)
    .option('--limit <n>', 'use only so many training and so many validation pictures', wholeFrom(2))
    .option('--out <dir>', 'where the results go', 'out/step53')
    .option(
      '--checkpoint <file>',
      "where the training is saved after each epoch, every two minutes, and at Ctrl-C, or 'none'; default checkpoint.safetensors in --out",
    )
    .option('--resume <file>', 'go on from a checkpoint')
    .option('--predict <place>', 'only classify a picture, or all in a folder, with the model saved in --out')
    .option('--verbose', 'print the memory in use after each epoch', false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => (trouble += text) });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new UsageError('', 0);
    const line = trouble
      .replace(/^error: /, '')
      .trim()
      .replaceAll('\n', ' ');
    throw new UsageError(`${line} (--help lists the options)`);
  }
  return command.opts<FineTuneOptions>();
}

/**
 * The command that goes on from a checkpoint with the options that a training began with.
 * @example
 * const options = parseFineTuneOptions(['--data', 'drawn', '--seed', '7']);
 * resumeCommand(options, 'out/checkpoint.safetensors');
 * // → npm start -- --seed 7 --data drawn --resume out/checkpoint.safetensors
 * @since 53
 */
export function resumeCommand(options: FineTuneOptions, file: string): string {
  const usual = new Map(Object.entries(parseFineTuneOptions([])));
  const flags = Object.entries({ ...options, resume: file }).flatMap(([name, value]) => {
    if (value === undefined || value === usual.get(name)) return [];
    return value === true ? [`--${name}`] : [`--${name}`, quoted(String(value))];
  });
  return ['npm start --', ...flags].join(' ');
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:\\@%+=,~-]+$/.test(word) ? word : `"${word.replace(/["$`]/g, '\\$&')}"`;
}

/** Whether the reader has asked the program to end. @since 53 */
export interface Interrupt {
  readonly requested: boolean;
  dispose(): void;
}

/**
 * Listens for Ctrl-C: the first lets the program save and end, the second ends it at once. Call `dispose` when done.
 * @example
 * const interrupt = onInterrupt(); // from now on Ctrl-C only asks
 * interrupt.requested; // → false
 * interrupt.dispose();
 * @since 53
 */
export function onInterrupt(notice: (line: string) => void = console.log): Interrupt {
  let requested = false;
  const listen = () => {
    if (requested) process.exit(130);
    requested = true;
    notice('\nEnding after this batch, to save; Ctrl-C again ends at once.');
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return {
    get requested() {
      return requested;
    },
    dispose() {
      process.off('SIGINT', listen);
      process.off('SIGTERM', listen);
    },
  };
}
