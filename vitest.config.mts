import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests run the sources. Which source a name like `dezero/functions` or `#files` means is written once, in tsconfig.json.
const tsconfig = new URL('tsconfig.json', import.meta.url);
const { compilerOptions } = JSON.parse(readFileSync(tsconfig, 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};
export const alias = Object.entries(compilerOptions.paths).map(([name, [target]]) => ({
  find: new RegExp(`^${name.replace('*', '(.+)')}$`),
  replacement: fileURLToPath(new URL(target.replace('*', '$1'), tsconfig)),
}));

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/playground/**'], // in a browser: npm run test:playground
    setupFiles: ['tests/toBeAllClose.ts'],
    pool: 'forks',
    // Files run side by side, which keeps the processor busy enough; and results are those of the project's own kernels, unless asked otherwise.
    env: { DEZERO_THREADS: process.env.DEZERO_THREADS ?? '1', DEZERO_BLAS: process.env.DEZERO_BLAS ?? 'off' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
