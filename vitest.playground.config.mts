import { defineConfig } from 'vitest/config';
import base from './vitest.config.mjs';

// The playground, in headless Chromium: one browser, one file of tests after the other.
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['tests/playground/**/*.test.ts'], exclude: [], fileParallelism: false },
});
