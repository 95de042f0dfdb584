import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

// The same tests in headless Chromium: names like `#files` mean the browser's twin of a file for Node.
const tsconfig = new URL('tsconfig.json', import.meta.url);
const { compilerOptions } = JSON.parse(readFileSync(tsconfig, 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};
const alias = Object.entries(compilerOptions.paths).map(([name, [target]]) => {
  const twin = target.replace('.node.ts', '.browser.ts');
  const file = existsSync(new URL(twin, tsconfig)) ? twin : target;
  return {
    find: new RegExp(`^${name.replace('*', '(.+)')}$`),
    replacement: fileURLToPath(new URL(file.replace('*', '$1'), tsconfig)),
  };
});

/** Debian's Chromium, or the one that this variable names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  resolve: { alias, conditions: ['browser'] },
  // With these headers a page may share memory with its threads.
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
  test: {
    include: [
      'tests/{ndarray,functions,layers,core,optimizers}/**/*.test.ts',
      'tests/backends/{wasm,elementKernels,memory}.test.ts',
      'tests/backends/webgpu/{operations,functions,device,training}.test.ts',
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
