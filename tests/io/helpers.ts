import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

/** The bytes of a file that make.py wrote. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(__dirname, 'fixtures', name)));
}

/** An empty folder, gone when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dezero-io-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of the test data, or null, with a notice, where it is not there. */
export function testData(name: string): string | null {
  const folders = process.env['DEZERO_TEST_DATA'] ? [process.env['DEZERO_TEST_DATA']] : ['data', '../shared/data'];
  const folder = folders.find((one) => existsSync(join(one, 'hymenoptera_data.zip')));
  const file = folder ? join(folder, name) : '';
  if (file && existsSync(file)) return file;
  console.log(`skipped: ${name} is not among the test data`);
  return null;
}

/** That something fails with a DataError of one line that matches. */
export async function expectDataError(action: () => unknown, message: RegExp): Promise<void> {
  const error: unknown = await Promise.resolve()
    .then(action)
    .then(
      () => null,
      (reason: unknown) => reason,
    );
  expect(error).toMatchObject({ name: 'DataError', message: expect.stringMatching(message) as unknown });
  expect(String(error)).not.toContain('\n');
}
