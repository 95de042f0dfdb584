import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { alias } from './vitest.config.mjs';

// The same tests in headless Chromium: names like `#files` mean the browser's twin of a file for Node.
const twins = alias.map(({ find, replacement }) => {
  const twin = replacement.replace('.node.ts', '.browser.ts');
  return { find, replacement: existsSync(twin) ? twin : replacement };
});

/** Debian's Chromium, or the one that this variable names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  resolve: { alias: twins, conditions: ['browser'] },
  // With these headers a page may share memory with its threads.
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
  test: {
    include: [
      'tests/{ndarray,functions,layers,core,optimizers}/**/*.test.ts',
      'tests/backends/{wasm,elementKernels,fusedKernels,memory}.test.ts',
      'tests/backends/webgpu/{operations,functions,device,training,mixed}.test.ts',
    ],
    exclude: [
      'tests/optimizers/trajectories.test.ts',
      'tests/core/modes.test.ts',
      'tests/core/expr.test.ts',
      'tests/ndarray/print.test.ts',
    ],
    setupFiles: ['tests/toBeAllClose.ts'],
    testTimeout: 120_000,
    env: { DEZERO_REQUIRE_GPU: '1' }, // Chromium brings one of software
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
