/** A break made on purpose: the checkpoint of the step that teaches `concept` must go red and name it. */
export interface Mutation {
  /** What the failing message must say. */
  readonly concept: string;
  /** The file that is broken, from the project's root. */
  readonly file: string;
  /** The text taken out: it stands there exactly once. */
  readonly find: string;
  /** The text put in its place. */
  readonly replace: string;
}
