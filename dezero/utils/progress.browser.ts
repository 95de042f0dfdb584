/** The twin of the terminal's bar: it only keeps the last line. @since 53 */
export class Progress {
  private line = '';

  /** `label` names what is going on, `total` its end. @since 53 */
  constructor(
    private readonly label: string,
    private readonly total: number,
  ) {}

  /** `done` of the total are done, with these mean loss and accuracy so far. @since 53 */
  update(done: number, { loss, accuracy }: { loss: number; accuracy: number }): void {
    this.line = `${done}/${this.total}  loss ${loss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(1)} %`;
  }

  /** Prints a line in the console. @since 53 */
  log(line: string): void {
    console.log(line);
  }

  /** The last line. @since 53 */
  stop(): string {
    return `${this.label} ${this.line}`;
  }
}
