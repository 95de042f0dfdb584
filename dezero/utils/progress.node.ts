import { SingleBar } from 'cli-progress';

/** A bar that fills: loss, accuracy, pictures a second, time left. Where there is no terminal, one line at the end. @since 53 */
export class Progress {
  private readonly bar: SingleBar | null;
  private readonly began = performance.now();
  private line = '';

  /** `label` stands before the bar; `total` is what `update` will have counted to at the end. @since 53 */
  constructor(
    private readonly label: string,
    private readonly total: number,
    stream: NodeJS.WriteStream = process.stderr,
  ) {
    const format = '{label} {bar} {value}/{total} {line}';
    const settings = { format, stream, barsize: 24, hideCursor: true, clearOnComplete: true, barCompleteChar: '█', barIncompleteChar: '░' };
    this.bar = stream.isTTY ? new SingleBar(settings) : null;
    this.bar?.start(total, 0, { label: label.padEnd(12), line: '' });
  }

  /** `done` of the total are done, with these mean loss and accuracy so far. @since 53 */
  update(done: number, { loss, accuracy }: { loss: number; accuracy: number }): void {
    const seconds = (performance.now() - this.began) / 1000;
    const rate = done / seconds;
    const left = Math.ceil((this.total - done) / rate);
    this.line = `loss ${loss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(1)} %  ${rate.toFixed(1)} images/s`;
    this.bar?.update(done, { line: `${this.line}  ${left} s left` });
  }

  /** Takes the bar away; the caller prints what came of it. @since 53 */
  stop(): string {
    this.bar?.stop();
    return `${this.label.padEnd(12)} ${this.line}`;
  }
}
