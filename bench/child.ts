import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TooSlow, Unavailable } from './compare';

/** Numbers and words that describe a task. */
export type Settings = Readonly<Record<string, number | string>>;

/** What a child is asked: so many calls of a task. It keeps the task that it had last, and lets others go. */
export interface Request {
  readonly task: string;
  readonly settings: Settings;
  readonly calls: number;
}

/** What it answers. */
export interface Answer {
  /** That the calls took together. */
  readonly milliseconds: number;
  /** Bytes of the process in real memory. */
  readonly resident: number;
  /** Bytes that arrays use, where that is known. */
  readonly used?: number;
  /** What else there is to say. */
  readonly note?: string;
}

type Line = Answer | { readonly missing: string } | { readonly error: string };

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A process that waits for requests, one line of JSON each, and answers with one. What else it prints is passed over. */
export class Child {
  readonly #process: ChildProcess;
  #waiting: { resolve: (line: Line) => void; reject: (error: Error) => void } | null = null;
  #ended: string | null = null;
  #complaints = '';

  constructor(
    [program = '', ...args]: readonly string[],
    environment: NodeJS.ProcessEnv,
    private readonly limitMs: number,
  ) {
    this.#process = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.#process);
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('exit', (code, signal) => this.#end(`ended with ${signal ?? code}`));
    this.#process.stdin?.on('error', () => undefined); // its end is told above
    this.#process.stderr?.on('data', (text: Buffer) => (this.#complaints = (this.#complaints + text.toString()).slice(-2000))); // prettier-ignore
    if (this.#process.stdout) {
      createInterface({ input: this.#process.stdout }).on('line', (text) => {
        if (text.startsWith('{')) this.#waiting?.resolve(JSON.parse(text) as Line);
      });
    }
  }

  /** @throws Unavailable if it cannot; TooSlow, and the process is over, if it takes longer than it may. */
  async ask(task: string, settings: Settings = {}, calls = 1): Promise<Answer> {
    if (this.#ended !== null) throw new Unavailable(this.#ended);
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Line>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      timer = setTimeout(() => {
        this.close();
        reject(new TooSlow(this.limitMs));
      }, this.limitMs);
    });
    this.#process.stdin?.write(`${JSON.stringify({ task, settings, calls } satisfies Request)}\n`);
    const line = await answer.finally(() => clearTimeout(timer));
    if ('missing' in line) throw new Unavailable(line.missing);
    if ('error' in line) throw new Unavailable(`failed: ${line.error}`);
    return line;
  }

  /** True if it answers no more. */
  get ended(): boolean {
    return this.#ended !== null;
  }

  close(): void {
    this.#ended ??= 'closed';
    running.delete(this.#process);
    this.#process.kill('SIGKILL');
  }

  #end(how: string): void {
    const last = this.#complaints.trim().split('\n').at(-1) ?? '';
    this.#ended ??= last ? `${how}: ${last}` : how;
    running.delete(this.#process);
    this.#waiting?.reject(new Unavailable(this.#ended));
  }
}
