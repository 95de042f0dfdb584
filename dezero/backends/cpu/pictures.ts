/** Pictures on their way to a convolution: a few at a time, with zeros around them. */
import type { View, Window2d } from '../backend';
import type { Frame, Pictures, Workplace } from './engine';

const FEW = 2048; // positions: so many pictures at a time are convolved

/** Bytes of an element: 8 of float64, otherwise 4. @since 28 */
export const floatBytes = ({ dtype }: View): 4 | 8 => (dtype === 'float64' ? 8 : 4);

/** True if all are float32, or all float64. @since 28 */
export const areFloats = (first: View, ...others: readonly (View | null)[]): boolean =>
  first.dtype.startsWith('float') && others.every((view) => !view || view.dtype === first.dtype);

/** The same zeros on both sides. @since 47 */
export function around([top, left]: Window2d['pad']): Frame {
  return { top, bottom: top, left, right: left };
}

/** Calls `visit` with a few pictures at a time, framed: few, so that the framed copy is small and read from the cache. @since 47 */
export function eachFew(
  { engine, alloc }: Workplace,
  view: View,
  start: number,
  frame: Frame,
  positions: number,
  visit: (pictures: Pictures, first: number, count: number) => void,
): void {
  const { shape: [N, C, H, W], strides } = view; // prettier-ignore
  const turns = Math.ceil(N / Math.ceil(FEW / positions));
  const most = Math.ceil(N / turns);
  const [height, width] = [H + frame.top + frame.bottom, W + frame.left + frame.right];
  const framed = height > H || width > W;
  const bytes = floatBytes(view);
  const buffer = framed ? alloc(most * C * height * width * bytes) : 0;
  for (let first = 0; first < N; first += most) {
    const count = Math.min(most, N - first);
    const pictures = { at: start + first * strides[0] * bytes, shape: [count, C, H, W], strides };
    visit(framed ? engine.frame(pictures, frame, buffer, bytes) : pictures, first, count);
  }
}
