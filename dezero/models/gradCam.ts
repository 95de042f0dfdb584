import { asVariable, functionsBehind, noGrad, testMode, Variable, withGrad, type Operand } from '../core';
import type { Picture } from '../data';
import { div, GraphError, max, mean, mul, relu, ShapeError, sum, type NDArray } from '../ndarray';

/** A network in two parts: what sees, and what judges. @since 51 */
export interface GradCamParts {
  /** From a picture (1, C, H, W) to feature maps (1, K, h, w). @since 51 */
  readonly features: (x: Variable) => Variable;
  /** From feature maps to scores (1, classes). @since 51 */
  readonly head: (maps: Variable) => Variable;
}

/**
 * Where a network looks for a class: a heat map (h, w) from 0 to 1. Each feature map Aₖ counts by the mean αₖ of the gradient of the class's
 * score with respect to it, and what speaks for the class is left: relu(Σ αₖ·Aₖ), divided by its largest (Selvaraju et al., 2017).
 * `label` is the class asked about; without it, the one of the largest score.
 * @throws ShapeError for more than one picture.
 * @example
 * const { features, classifier } = new M.SqueezeNetSmall({ classes: 2 });
 * const parts = {
 *   features: (x: Variable) => features.call(x),
 *   head: (maps: Variable) => classifier.call(maps),
 * };
 * M.gradCam(parts, rand([1, 3, 64, 64], { seed: 0 })).map.shape; // → [ 3, 3 ]
 * @since 51
 */
export function gradCam(
  { features, head }: GradCamParts,
  x: Operand,
  label?: number,
): { readonly map: NDArray; readonly label: number } {
  const { maps, scores } = testMode(() =>
    withGrad(true, () => {
      const found = noGrad(() => features(asVariable(x))); // the gradient goes no deeper
      if (found.ndim !== 4 || found.shape[0] !== 1)
        throw new ShapeError('gradCam', [found.shape], 'one picture at a time, with feature maps of (1, K, h, w)');
      const leaf = new Variable(found.data);
      return { maps: leaf, scores: head(leaf) };
    }),
  );
  const values = scores.values;
  const chosen = label ?? values.indexOf(Math.max(...values));
  const score = scores.getItem([0, chosen]);
  const others = functionsBehind(score).flatMap(({ inputs }) => inputs.filter((v) => v !== maps && !v.creator && v.requiresGrad)); // prettier-ignore
  for (const v of others) v.requiresGrad = false; // the head's parameters: looking at a network leaves their gradients alone
  try {
    score.backward();
  } finally {
    for (const v of others) v.requiresGrad = true;
  }
  if (!maps.grad) throw new GraphError('gradCam: the scores do not depend on the feature maps');
  const weights = mean(maps.grad.data, { axis: [2, 3], keepdims: true });
  const [, , h = 0, w = 0] = maps.shape;
  const map = relu(sum(mul(maps.data, weights), { axis: 1 })).reshape([h, w]);
  const largest = max(map).item();
  return { map: largest > 0 ? div(map, largest) : map, label: chosen };
}

/** From nothing, over blue and orange, to bright yellow: red, green, blue and opacity at 0, ⅓, ⅔ and 1. */
const COLORS = [[30, 20, 90, 0], [150, 30, 130, 0.35], [240, 110, 50, 0.6], [255, 235, 90, 0.75]] as const; // prettier-ignore

/**
 * A heat map laid over its picture, stretched to its size.
 * @example
 * const grey = toPicture(full([4, 4], 0.5));
 * const map = array([[0, 1], [0, 0]]); // hot in the upper right
 * const { data } = M.heatOver(grey, map);
 * data.slice(0, 3); // → Uint8Array(3) [ 128, 128, 128 ]
 * data.slice(9, 12); // → Uint8Array(3) [ 223, 208, 99 ]
 * @since 51
 */
export function heatOver({ width, height, data }: Picture, map: NDArray): Picture {
  const [h = 1, w = 1] = map.shape;
  const heat = map.values;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // bilinear between the centres of the map's cells
      const [u, v] = [((x + 0.5) * w) / width - 0.5, ((y + 0.5) * h) / height - 0.5];
      const at = (i: number, j: number) => heat[clamp(i, h) * w + clamp(j, w)] ?? 0;
      const [i, j] = [Math.floor(v), Math.floor(u)];
      const top = at(i, j) + (u - j) * (at(i, j + 1) - at(i, j));
      const bottom = at(i + 1, j) + (u - j) * (at(i + 1, j + 1) - at(i + 1, j));
      const color = colorOf(top + (v - i) * (bottom - top));
      const start = 3 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const under = data[start + c] ?? 0;
        out[start + c] = Math.round(under + color[3] * ((color[c] ?? 0) - under));
      }
    }
  }
  return { width, height, data: out };
}

function clamp(i: number, n: number): number {
  return Math.min(n - 1, Math.max(0, i));
}

function colorOf(heat: number): [number, number, number, number] {
  const place = Math.min(0.999, Math.max(0, heat)) * (COLORS.length - 1);
  const i = Math.floor(place);
  const [low, high] = [COLORS[i] ?? COLORS[0], COLORS[i + 1] ?? COLORS[0]];
  const between = (c: 0 | 1 | 2 | 3) => low[c] + (place - i) * (high[c] - low[c]);
  return [between(0), between(1), between(2), between(3)];
}
