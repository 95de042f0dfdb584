/** Runs checkpoints in private copies of the project, whole or with one file broken. */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A test that failed: its name, and what its assertions said. */
export interface Failure {
  readonly test: string;
  readonly messages: readonly string[];
}

/** What to run, and the files that are not what they were at the last request. */
export interface Request {
  readonly checkpoint: string;
  readonly changed: readonly string[];
}

/** The failed tests, none if the checkpoint is green; null if it did not end in time. */
export type Failures = readonly Failure[] | null;

/** A file, from the project's root, and the text that stands in for its own. */
export interface Change {
  readonly file: string;
  readonly text: string;
}

// Not of the project: dependencies (linked instead), what is built, drawn, cached or versioned
const LEFT_OUT = ['node_modules', 'dist', 'out', '.cache', '.git'];

/** A copy of the project in a temporary folder, and a process of its own that runs checkpoints there. */
export class Copy {
  /** Copies the project in `root`, which is only read. */
  static readonly of = (root: string): Copy => new Copy(root);

  private readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'dezero-mutate-')));
  private readonly project = path.join(this.folder, 'project');
  private readonly temporary = path.join(this.folder, 'temporary'); // what a process that is stopped leaves behind
  private readonly changed = new Set<string>();
  private runner: ChildProcess | null = null;

  private constructor(root: string) {
    const own = (source: string) => !LEFT_OUT.includes(path.relative(root, source));
    try {
      cpSync(root, this.project, { recursive: true, filter: own });
      mkdirSync(this.temporary);
      symlinkSync(realpathSync(path.join(root, 'node_modules')), path.join(this.project, 'node_modules'), 'junction');
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The text of a file, or null if there is none. */
  read(file: string): string | null {
    const at = path.join(this.project, file);
    return existsSync(at) ? readFileSync(at, 'utf8') : null;
  }

  /** Runs a step's checkpoint for so many seconds at most; with a change, on the changed file, which is put back afterwards. */
  async run(step: string, seconds: number, change?: Change): Promise<Failures> {
    const original = change && this.write(change);
    try {
      const request = { checkpoint: `tests/${step}.test.ts`, changed: [...this.changed] };
      const failures = await this.ask(request, seconds);
      this.changed.clear();
      return failures;
    } finally {
      if (original) this.write(original);
    }
  }

  /** Ends the process and removes the folder. */
  dispose(): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Changes a file, and returns the change that takes it back. */
  private write({ file, text }: Change): Change {
    const at = path.join(this.project, file);
    const original = readFileSync(at, 'utf8');
    writeFileSync(at, text);
    this.changed.add(at);
    return { file, text: original };
  }

  private async ask(request: Request, seconds: number): Promise<Failures> {
    const { runner } = this;
    if (!runner) {
      this.runner = this.start();
      await this.reply(this.runner); // it is ready; the time it took to start is not the checkpoint's
      return this.ask(request, seconds);
    }
    const timer = setTimeout(() => this.stop(), seconds * 1000);
    try {
      runner.send(request);
      return (await this.reply(runner)) as Failures;
    } catch (error) {
      if (this.runner === null) return null; // stopped
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next message of the process. */
  private reply(runner: ChildProcess): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        runner.removeAllListeners();
        how();
      };
      runner.on('message', (message) => settle(() => resolve(message)));
      runner.on('error', (error) => settle(() => reject(error)));
      runner.on('exit', (code) => settle(() => reject(new Error(`checkpointRunner.ts ended with code ${code}`))));
    });
  }

  private start(): ChildProcess {
    // A test of this tool runs under vitest itself, whose settings are not for the copy's.
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
    const temporary = Object.fromEntries(['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, this.temporary]));
    return fork(path.join(__dirname, 'checkpointRunner.ts'), [], {
      cwd: this.project,
      env: { ...Object.fromEntries(env), ...temporary, TS_NODE_PROJECT: path.join(__dirname, '../tsconfig.json') },
      execArgv: ['--require', require.resolve('ts-node/register')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true, // a group of its own: vitest's workers end with it, even one that hangs, and Ctrl-C is ours to handle
    });
  }

  private stop(): void {
    const pid = this.runner?.pid;
    this.runner = null;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') execFileSync('taskkill', ['/T', '/F', '/PID', String(pid)]);
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}
