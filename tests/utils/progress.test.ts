import { EventEmitter } from 'node:events';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Progress as Silent } from '../../dezero/utils/progress.browser';
import { Progress } from '../../dezero/utils/progress.node';

const root = path.join(__dirname, '../..');

/** A stand-in for process.stderr that keeps what is written. */
function terminal(isTTY: boolean) {
  let text = '';
  const write = (piece: string) => {
    text += piece;
    return true;
  };
  const stream = Object.assign(new EventEmitter(), { isTTY, columns: 120, write });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test('on a terminal a bar shows loss, accuracy, speed and time left, and is taken away at the end', () => {
  const { stream, text } = terminal(true);
  const bar = new Progress('epoch 1', 100, stream);
  bar.update(25, { loss: 0.51234, accuracy: 0.755 });
  const last = bar.stop();
  expect(text()).toContain('25/100 loss 0.5123  accuracy 75.5 %');
  expect(text()).toMatch(/images\/s {2}\d+ s left/);
  expect(text()).toMatch(/█+░+/);
  expect(last).toMatch(/^epoch 1 {5} loss 0\.5123 {2}accuracy 75\.5 % {2}[\d.]+ images\/s$/);
});

test('before anything is done, no time is guessed', () => {
  const { stream, text } = terminal(true);
  const bar = new Progress('epoch 1', 100, stream);
  bar.update(0, { loss: 0, accuracy: 0 });
  bar.stop();
  expect(text()).not.toMatch(/Infinity|NaN|left/);
});

test('in a pipe there is no bar, only the line that stop returns', () => {
  const { stream, text } = terminal(false);
  const bar = new Progress('epoch 1', 10, stream);
  for (let done = 1; done <= 10; done++) bar.update(done, { loss: 1, accuracy: 0.5 });
  expect(bar.stop()).toContain('loss 1.0000  accuracy 50.0 %');
  expect(text()).toBe('');
});

test('a line can be printed above the bar, which goes on below it', () => {
  const { stream, text } = terminal(true);
  const bar = new Progress('epoch 1', 100, stream);
  bar.update(50, { loss: 0.5, accuracy: 0.5 });
  bar.log('ants/x.jpg: skipped');
  bar.stop();
  const [, after = ''] = text().split('ants/x.jpg: skipped\n');
  expect(after).toContain('50/100 loss 0.5000');
});

test('a bar leaves no listeners behind, and may be stopped twice', () => {
  const before = process.listenerCount('exit');
  const bar = new Progress('epoch 1', 2, terminal(true).stream);
  expect(process.listenerCount('exit')).toBe(before + 1);
  bar.stop();
  bar.stop();
  expect(process.listenerCount('exit')).toBe(before);
});

test('a bar that is never stopped does not keep a program alive, and gives the cursor back', () => {
  const program = `process.stderr.isTTY = true;
    const { Progress } = require('./dezero/utils/progress.node.ts');
    new Progress('epoch 1', 100).update(5, { loss: 1, accuracy: 0 });`;
  const [node, script] = [process.execPath, ['-r', 'ts-node/register', '-e', program]];
  const printed = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', node, ...script], {
    cwd: root,
    timeout: 15_000,
    encoding: 'utf8',
  });
  expect(printed.lastIndexOf('\x1b[?25h')).toBeGreaterThan(printed.lastIndexOf('\x1b[?25l'));
});

test('the twin for the browser returns its last line too', () => {
  const bar = new Silent('epoch 1', 4);
  bar.update(4, { loss: 0.25, accuracy: 1 });
  expect(bar.stop()).toBe('epoch 1 4/4  loss 0.2500  accuracy 100.0 %');
});
