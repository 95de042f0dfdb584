import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, runIn, type Opened } from './browser';

let opened: Opened;
beforeAll(async () => (opened = await openPage()), 300_000);
afterAll(() => opened.close());

const text = `import { hasDevice, rand, setDevice } from 'dezero';
import * as F from 'dezero/functions';
console.log('gpu' in navigator);
if (await hasDevice('gpu')) await setDevice('gpu');
const x = rand([40, 30], { seed: 0, dtype: 'float32' });
console.log(x.device);
const y = F.sum(F.matmul(x, rand([30, 1], { seed: 1, dtype: 'float32' })));
console.log((await y.data.to('cpu')).item().toFixed(3));`;
const run = (gpu: boolean) => runIn(opened.page, `${opened.url}playground/`, { name: 'step48', text, gpu });

test('where a page may use the gpu, a program computes there; where it may not, in WebAssembly, and the same', async () => {
  const [here, there] = [await run(false), await run(true)];
  expect(here.outcome, JSON.stringify(here)).toMatchObject({ kind: 'ended' });
  expect(here).toMatchObject({ outcome: { kind: 'ended' }, lines: ['false', 'cpu', expect.any(String)] });
  expect(there.outcome, JSON.stringify(there)).toMatchObject({ kind: 'ended' });
  expect(there).toMatchObject({ outcome: { kind: 'ended' }, lines: ['true', 'gpu', here.lines[2]] });
});

test('there too it reaches nothing over the network, by no door', async () => {
  const doors = [`() => fetch('${opened.url}out')`, `() => import('${opened.url}out.js')`, `() => new Function('return import("${opened.url}out.js")')()`]; // prettier-ignore
  const text = `for (const ask of [${doors.join()}])
  console.log(await Promise.resolve().then(ask).then(() => 'reached', () => 'refused'));
console.log(typeof WebSocket);`;
  const { lines } = await runIn(opened.page, `${opened.url}playground/`, { name: 'step48', text, gpu: true });
  expect(lines).toEqual(['refused', 'refused', 'refused', 'undefined']);
  expect(opened.asked.filter((at) => at.includes('out'))).toEqual([]);
});
