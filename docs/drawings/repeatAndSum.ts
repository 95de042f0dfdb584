/** A row that is repeated as both rows of a matrix, and its gradient: the rows of the matrix's gradient, summed. */
import { arrow, cells } from './cells';
import { svg, text } from './svg';

const [LEFT, RIGHT] = [50, 330];

export function draw(): string {
  const soft = { class: 'soft' };
  return svg(
    490,
    230,
    text(LEFT - 18, 58, 'b'),
    cells(LEFT, 35, [[10, 20, 30]]),
    arrow([180, 53], [310, 53], 'line'),
    text(245, 42, 'forward: repeat', soft),
    cells(RIGHT, 17, [[10, 20, 30], [10, 20, 30]]),
    text(RIGHT + 126, 58, 'y'),
    text(LEFT - 20, 178, 'gb'),
    cells(LEFT, 155, [[5, 7, 9]], { kind: 'back' }),
    arrow([310, 173], [180, 173], 'back'),
    text(245, 162, 'backward: sum', soft),
    cells(RIGHT, 137, [[1, 2, 3], [4, 5, 6]], { kind: 'back' }),
    text(RIGHT + 128, 178, 'gy'),
  ); // prettier-ignore
}
