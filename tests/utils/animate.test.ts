import sharp from 'sharp';
import { expect, test } from 'vitest';
import { animateLines, plotSvg } from '../../dezero/utils';

const axes = { title: 'way', x: { label: 'x' }, y: { label: 'y' } };

test('each line grows, its points reached at equal times', async () => {
  const points = [[0, 0], [3, 0], [4, 0]] as const; // prettier-ignore
  const svg = animateLines(await plotSvg({ ...axes, series: [{ name: 'a', points }] }), { seconds: 5 });
  const [animate = ''] = /<animate [^>]*>/.exec(svg) ?? [];
  expect(animate).toContain('dur="5s"');
  expect(animate).toContain('values="1.0000;0.2500;0.0000;0.0000"');
  expect(animate).toContain('keyTimes="0.0000;0.4000;0.8000;1"');
});

test('what is animated is still an SVG: no attribute is given twice', async () => {
  const points = [[0, 0], [1, 1]] as const; // prettier-ignore
  const series = [{ name: 'a', points }, { name: 'b', points, dashed: true }]; // prettier-ignore
  const svg = animateLines(await plotSvg({ ...axes, series }));
  expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
});

test('two lines are two animations; points alone are none', async () => {
  const points = [[0, 0], [1, 1]] as const; // prettier-ignore
  const two = [{ name: 'a', points }, { name: 'b', points }]; // prettier-ignore
  expect(animateLines(await plotSvg({ ...axes, series: two })).match(/<animate /g)).toHaveLength(2);
  const dots = await plotSvg({ ...axes, series: [{ name: 'a', points, as: 'points' }] });
  expect(animateLines(dots)).toBe(dots);
});
