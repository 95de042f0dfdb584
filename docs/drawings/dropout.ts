/** The same network three times: at two updates, each with another half of its hidden numbers left out, and in use, with all of them. */
import { curve, element, svg, text } from './svg';

const SIZES = [4, 6, 6, 3];
const PANEL = 200;
const HIGH = 190;
/** Which numbers of the two hidden layers take part. */
const panels = [
  { says: 'an update', takesPart: ['101100', '011010'] },
  { says: 'the next one', takesPart: ['010101', '100110'] },
  { says: 'in use', takesPart: ['111111', '111111'] },
];

export function draw(): string {
  const drawn = panels.flatMap(({ says, takesPart }, at) => {
    const left = 20 + at * (PANEL + 25);
    const place = (layer: number, i: number): [number, number] => {
      const size = SIZES[layer] ?? 1;
      return [left + 15 + (layer * (PANEL - 30)) / (SIZES.length - 1), 45 + ((i + 0.5) / size) * (HIGH - 30)];
    };
    const isThere = (layer: number, i: number) => (takesPart[layer - 1]?.[i] ?? '1') === '1';
    const numbers = SIZES.flatMap((size, layer) => Array.from({ length: size }, (_, i) => ({ layer, i })));
    const lines = numbers.flatMap(({ layer, i }) =>
      Array.from({ length: SIZES[layer + 1] ?? 0 }, (_, j) =>
        isThere(layer, i) && isThere(layer + 1, j)
          ? curve([place(layer, i), place(layer + 1, j)], { opacity: 0.45 })
          : '',
      ),
    );
    const circles = numbers.map(({ layer, i }) => {
      const [cx, cy] = place(layer, i);
      const look: Record<string, string | number> = isThere(layer, i)
        ? { class: 'variable' }
        : { class: 'box', 'stroke-dasharray': '3 3', opacity: 0.7 };
      return element('circle', { cx, cy, r: 8, ...look });
    });
    return [text(left + PANEL / 2, 24, says), ...lines, ...circles];
  });
  return svg(40 + panels.length * PANEL + 50, HIGH + 35, ...drawn);
}
