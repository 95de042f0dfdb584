import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { compare, type Comparison, type Timing } from './compare';
import { exprComparisons } from './expr';

/** Each family in a file of its own; a new one is an import and a line here. */
const families: Readonly<Record<string, readonly Comparison[]>> = {
  expr: exprComparisons,
};

function line(title: string, way: string, time: string, ratio: string): string {
  return title.padEnd(36) + way.padEnd(12) + time.padStart(14) + ratio.padStart(8);
}

/** A figure of three digits, in the unit that suits it. */
function formatTime(microseconds: number): string {
  const [value, unit] = microseconds < 1000 ? [microseconds, 'µs'] : [microseconds / 1000, 'ms'];
  return `${value.toPrecision(3)} ${unit}`;
}

const program = new Command('npm run bench --')
  .description('Times ways to do the same work side by side. Medians; the ratio is to the first way.')
  .argument('[family...]', `what to run: ${Object.keys(families).join(', ')}; default all`)
  .option('--json <file>', 'also write the figures to a file')
  .action((chosen: string[], { json }: { json?: string }) => {
    const names = chosen.length > 0 ? chosen : Object.keys(families);
    const unknown = names.find((name) => !(name in families));
    if (unknown !== undefined) program.error(`'${unknown}' is not one of ${Object.keys(families).join(', ')}`);
    const timings: Timing[] = [];
    console.log(line('', '', 'median', 'ratio'));
    for (const comparison of names.flatMap((name) => families[name] ?? [])) {
      for (const [i, timing] of compare(comparison).entries()) {
        const { title, way, microseconds, ratio } = timing;
        timings.push(timing);
        console.log(line(i === 0 ? title : '', way, formatTime(microseconds), ratio.toFixed(2)));
      }
    }
    const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, timings }, null, 2)}\n`);
  });

if (require.main === module) program.parse();
