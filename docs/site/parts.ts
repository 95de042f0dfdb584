/** The four parts of the course. */
export interface Part {
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

export const PARTS: readonly Part[] = [
  { title: 'An engine in one file', from: 1, to: 28 },
  { title: 'The language of derivatives', from: 29, to: 36 },
  { title: 'Training for real', from: 37, to: 45 },
  { title: 'Seeing', from: 46, to: 53 },
];
