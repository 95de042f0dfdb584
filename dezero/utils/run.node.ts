/**
 * Runs a program's main function. An error of ours ends it with one clear line and exit code 1 (or the error's own `exitCode`);
 * any other error is a fault of the program and keeps its stack.
 * @example
 * async function main(): Promise<void> {
 *   // ends the program with one line that names the file
 *   console.log(await readImage('nowhere.png'));
 * }
 * void runMain(main);
 * @since 50
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const known = OURS.has(error.name);
    if (error.message || !known) console.error(known ? error.message : error);
    process.exitCode = 'exitCode' in error ? Number(error.exitCode) : 1;
  }
}

const OURS = new Set(['DataError', 'DeviceError', 'DTypeError', 'ShapeError', 'ValueError', 'UsageError']);
