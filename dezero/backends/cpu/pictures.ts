/** Pictures on their way to a convolution: a few at a time, with zeros around them. */
import type { View, Window2d } from '../backend';
import type { Frame, Pictures, Workplace } from './engine';

const FEW = 2048; // positions: so many pictures at a time are convolved

/** The same zeros on both sides. @since 47 */
export function around([top, left]: Window2d['pad']): Frame {
  return { top, bottom: top, left, right: left };
}

/** Calls `visit` with a few pictures at a time, framed: few, so that the framed copy is small and read from the cache. @since 47 */
export function eachFew(
  { engine, alloc }: Workplace,
  { shape: [N, C, H, W], strides }: View,
  start: number,
  frame: Frame,
  positions: number,
  visit: (pictures: Pictures, first: number, count: number) => void,
): void {
  const turns = Math.ceil(N / Math.ceil(FEW / positions));
  const most = Math.ceil(N / turns);
  const [height, width] = [H + frame.top + frame.bottom, W + frame.left + frame.right];
  const framed = height > H || width > W;
  const buffer = framed ? alloc(most * C * height * width * 4) : 0;
  for (let first = 0; first < N; first += most) {
    const count = Math.min(most, N - first);
    const pictures = { at: start + first * strides[0] * 4, shape: [count, C, H, W], strides };
    visit(framed ? engine.frame(pictures, frame, buffer) : pictures, first, count);
  }
}
