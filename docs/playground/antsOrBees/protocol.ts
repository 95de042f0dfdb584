/** What the page "ants or bees?" and its worker say to each other. */

export interface JudgeQuestion {
  /** A network to judge from now on, or a photo to judge. */
  readonly kind: 'network' | 'photo';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
}

export interface Judgement {
  readonly label: string;
  /** All classes, the likeliest first. */
  readonly answers: readonly { readonly label: string; readonly share: number }[];
  /** What the network saw, as PNG, and the same with the heat map over it. */
  readonly photo: Uint8Array;
  readonly heat: Uint8Array;
}

export type JudgeAnswer =
  | { readonly kind: 'network'; readonly about: string }
  | { readonly kind: 'photo'; readonly judgement: Judgement }
  | { readonly kind: 'trouble'; readonly words: string };
