import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { paceOf, parse } from '../../bench/bench';
import { browser } from '../../bench/browser';
import type { Result } from '../../bench/compare';
import { Children } from '../../bench/ways';

const isThere = existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium');

test.skipIf(!isThere)('ours is measured in Chromium, and others where they are installed', async () => {
  const options = parse(['browser', '--quick']);
  const children = new Children(options);
  const results: Result[] = [];
  for await (const some of browser.run({ options, pace: paceOf(options), children })) results.push(...some);
  expect(results.map(({ way }) => way)).toEqual(['ours', 'tfjs', 'jax-js', 'ours', 'tfjs', 'jax-js']);
  for (const result of results) {
    if (result.way === 'ours') expect(result).toMatchObject({ unit: 'µs', median: expect.any(Number) as number });
    else if ('median' in result) expect(result.ratios['ours']?.median).toBeGreaterThan(0);
    else expect(result.note).toBe('not installed: npm ci --prefix bench');
  }
  expect(children.described['ours']).toBe('DeZero, WebGPU on google swiftshader');
}); // prettier-ignore
