/** What the page "train in your browser" and its worker say to each other. */

export type TaskName = 'spiral' | 'digits';
/** 'auto' is a real gpu or else WebAssembly; 'gpu', by name, may be one made of software. */
export type Where = 'auto' | 'gpu' | 'wasm';

export type TrainOrder =
  { readonly kind: 'start'; readonly task: TaskName; readonly where: Where } | { readonly kind: 'pause' | 'goOn' };

/** A point of the spiral: where it lies, from −1 to 1, and its arm. */
export interface SpiralPoint {
  readonly at: readonly [x: number, y: number];
  readonly arm: number;
}

/** A digit that the network is not trained on: grey values of 28 × 28, row by row. */
export interface TestDigit {
  readonly pixels: Uint8Array;
  readonly label: number;
}

export type TrainEvent =
  | { readonly kind: 'ready'; readonly device: string; readonly parameters: number; readonly tests: number; readonly epochs: number; readonly points: readonly SpiralPoint[]; readonly digits: readonly TestDigit[] }
  /** Mean loss of the last few batches; batches in a second. */
  | { readonly kind: 'loss'; readonly batches: number; readonly epoch: number; readonly loss: number; readonly rate: number }
  /** Share of the test set that is right, and what was said of the digits shown. */
  | { readonly kind: 'test'; readonly batches: number; readonly accuracy: number; readonly said: readonly number[] }
  /** Probabilities of the arms, 0 to 255, on a square of points: three for each, row by row from the top. */
  | { readonly kind: 'map'; readonly side: number; readonly probabilities: Uint8Array }
  | { readonly kind: 'ended' }
  | { readonly kind: 'trouble'; readonly words: string }; // prettier-ignore
