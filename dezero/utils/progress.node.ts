import { SingleBar } from 'cli-progress';

/** cli-progress draws again and again by a timer; this one does not keep a program alive. */
class QuietBar extends SingleBar {
  declare protected timer: NodeJS.Timeout | null;
  override render(): void {
    super.render();
    this.timer?.unref();
  }
}

/**
 * A bar that fills: loss, accuracy, pictures a second, time left. Where there is no terminal, nothing until the end.
 * @example
 * const bar = new Progress('epoch 1', 100);
 * bar.update(100, { loss: 0.1, accuracy: 0.9 });
 * bar.stop();
 * @since 53
 */
export class Progress {
  private readonly bar: QuietBar | null;
  private readonly began = performance.now();
  private done = 0;
  private line = '';
  private left = '';
  private readonly atExit = () => void this.stop(); // else the terminal would be left without its cursor

  /** `label` stands before the bar; `total` is what `update` will have counted to at the end. @since 53 */
  constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {
    const looks = {
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      clearOnComplete: true,
    };
    const format = '{label} {bar} {value}/{total} {line}';
    this.bar = stream.isTTY ? new QuietBar({ format, stream, ...looks }) : null;
    if (!this.bar) return;
    process.once('exit', this.atExit);
    this.bar.start(total, 0, this.words());
  }

  /** `done` of the total are done, with these mean loss and accuracy so far. @since 53 */
  update(done: number, { loss, accuracy }: { loss: number; accuracy: number }): void {
    const rate = (1000 * done) / (performance.now() - this.began);
    this.done = done;
    this.line = `loss ${loss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(1)} %  ${rate.toFixed(1)} images/s`;
    this.left = rate > 0 ? `  ${timeOf(Math.ceil((this.total - done) / rate))} left` : '';
    this.bar?.update(done, { line: this.line + this.left });
  }

  /** Prints a line above the bar. @since 53 */
  log(line: string): void {
    this.bar?.stop(); // it must begin anew below: it ends where it began, and would wipe the line away
    this.stream.write(`${line}\n`);
    this.bar?.start(this.total, this.done, this.words());
  }

  /** Takes the bar away and returns its last line; the caller prints what came of it. Twice does no harm. @since 53 */
  stop(): string {
    process.off('exit', this.atExit);
    this.bar?.stop();
    return `${this.label.padEnd(12)} ${this.line}`;
  }

  private words(): { label: string; line: string } {
    return { label: this.label.padEnd(12), line: this.line + this.left };
  }
}

/** 42 s, 2:05 min, 1:02:05 h. */
function timeOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)} h`;
}
