/** The process in which a copy's checkpoints run (see checkpoints.ts): one vitest for all of them, which keeps what it has compiled. */
import path from 'node:path';
import type { TestModule } from 'vitest/node' with { 'resolution-mode': 'import' };
import type { Failure, Request } from './checkpoints';

delete process.env.TS_NODE_PROJECT; // it was for this process, not for what a step starts

interface TestError {
  readonly name?: string;
  readonly message: string;
}

/** What a message says by itself: of `the author's words: expected 3 to be 4` the words, so that no printed value names a concept. */
function words({ name, message }: TestError): string {
  if (name !== 'AssertionError') return message;
  const whole = `: ${message}`;
  const end = whole.lastIndexOf(': expected ');
  return whole.slice(2, end < 0 ? undefined : Math.max(end, 2));
}

function failuresOf(module: TestModule): Failure[] {
  const failed = [...module.children.allTests('failed')].map((one) => ({
    test: one.fullName,
    messages: (one.result().errors ?? []).map(words),
  }));
  const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors());
  const outside = [...module.errors(), ...suites].map((error) => ({ test: '', messages: [error.message] }));
  return [...failed, ...outside];
}

async function main(): Promise<void> {
  const { createVitest } = await import('vitest/node');
  const ended: TestModule[] = []; // vitest itself returns those of earlier runs too
  const reporter = { onTestModuleEnd: (module: TestModule) => void ended.push(module) };
  const settings = { root: process.cwd(), watch: true, cache: false as const, reporters: [reporter], maxWorkers: 1 };
  const vitest = await createVitest('test', settings, { server: { watch: null } }); // stays, but is told what changes
  await vitest.standalone();

  const run = async ({ checkpoint, changed }: Request): Promise<Failure[]> => {
    for (const file of changed) vitest.invalidateFile(file);
    ended.length = 0;
    const specification = vitest.getRootProject().createSpecification(path.resolve(checkpoint));
    const { unhandledErrors } = await vitest.runTestSpecifications([specification]);
    const unhandled = unhandledErrors.map((error) => ({ test: '', messages: [String(error)] }));
    const failures = [...ended.flatMap(failuresOf), ...unhandled];
    const ran = ended.some((module) => [...module.children.allTests('passed')].length > 0);
    return ran || failures.length > 0 ? failures : [{ test: '', messages: ['no test ran'] }];
  };
  process.on('message', (request: Request) => void run(request).then((failures) => process.send?.(failures)));
  process.send?.('ready');
}

process.on('disconnect', () => process.exit()); // whoever asked is gone
void main();
