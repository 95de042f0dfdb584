/**
 * Step 31 · Finding the lowest point.
 *
 * So far derivatives were printed; now they are used. The gradient points to where a function rises fastest, so a small step against it goes
 * down, and many steps go to the bottom: gradient descent, by which every network of this course is trained. In a narrow bent valley, as
 * Rosenbrock's, it is slow, for the gradient points at the wall rather than along the floor. Newton's method also asks how fast the slope
 * itself changes, and needs 7 steps where descent needs dozens; but that takes a second derivative, here written by hand.
 */
import { expr, noGrad, variable, type Variable } from 'dezero';
import { plot, textPlot, type Diagram } from 'dezero/utils';

/** What is to be made small. */
export type Height = (...xs: Variable[]) => Variable;

/** A place: one number for each variable of the function. */
export type Place = readonly number[];

/** A valley along x1 = x0², lowest at (1, 1), where it is 0. */
export const rosenbrock = (x0: Variable, x1: Variable): Variable => expr`100 * (${x1} - ${x0}^2)^2 + (1 - ${x0})^2`;

/** x⁴ − 2x²: two valleys, lowest at −1 and 1, and a hill between them at 0. */
export const twoValleys = (x: Variable): Variable => expr`${x}^4 - 2 * ${x}^2`;

/** The second derivative of `twoValleys`, found with pencil and paper: 12x² − 4. */
export const secondDerivative = (x: number): number => 12 * x ** 2 - 4;

/** The height at a place. */
export const heightAt = (f: Height, place: Place): number => noGrad(() => f(...place.map((x) => variable(x))).item());

/** The gradient at a place. */
export function gradientAt(f: Height, place: Place): number[] {
  const xs = place.map((x) => variable(x));
  f(...xs).backward();
  return xs.map((x) => x.grad?.item() ?? 0); // a variable that f does not use changes nothing
}

/** The way down in small steps against the gradient, x ← x − lr · gx, from the start on. */
export function descend(f: Height, start: Place, { lr = 0.001, iterations = 1000 } = {}): Place[] {
  const xs = start.map((x) => variable(x));
  const path = [start];
  while (path.length <= iterations) {
    for (const x of xs) x.clearGrad(); // or each step would follow all gradients so far
    f(...xs).backward();
    for (const x of xs) if (x.grad) x.data = x.sub(x.grad.mul(lr)).data;
    path.push(xs.map((x) => x.item()));
  }
  return path;
}

/** Newton's way to where `twoValleys` is flat, x ← x − f′(x) / f″(x). If the slope changed evenly, one step would do. */
export function newton(start: number, iterations: number): number[] {
  const path = [start];
  for (let x = start; path.length <= iterations; path.push(x)) {
    const [gx = 0] = gradientAt(twoValleys, [x]);
    x -= gx / secondDerivative(x);
  }
  return path;
}

/** A path over the contour lines of Rosenbrock's valley. Each line is about three times as high as the one before. */
const valley = (path: readonly Place[]): Diagram => ({
  title: `${path.length - 1} iterations`,
  x: { label: 'x0', range: [-2, 2] },
  y: { label: 'x1', range: [-1, 3] },
  contours: { of: (x0, x1) => heightAt(rosenbrock, [x0, x1]), levels: [1, 3, 10, 30, 100, 300, 1000] },
  series: [
    { name: 'descent', points: path.filter((_, i) => i < 100 || i % 10 === 0).map(([x0 = 0, x1 = 0]) => [x0, x1]) },
    { name: 'lowest point', points: [[1, 1]], as: 'points' },
  ],
});

/** How far from 1 two ways are. A log axis has no place for 0: there a line ends. */
function distances(descent: readonly number[], newtons: readonly number[]): Diagram {
  const left = (path: readonly number[]) => path.map((x, i) => [i, Math.abs(x - 1)] as const).filter(([, d]) => d > 0);
  return {
    title: 'x^4 - 2x^2, from 2',
    x: { label: 'iteration' },
    y: { label: 'distance from 1', log: true },
    series: [
      { name: 'descent', points: left(descent) },
      { name: 'Newton', points: left(newtons) },
    ],
  };
}

export async function main(): Promise<void> {
  const start = [0, 2];
  console.log(`Rosenbrock's gradient at (0, 2): ${gradientAt(rosenbrock, start).join(', ')}`);
  console.log('Descent from there, with lr = 0.001; the lowest point is (1, 1):');
  const path = descend(rosenbrock, start, { iterations: 10_000 });
  for (const n of [1, 10, 100, 1_000, 10_000]) {
    console.log(`  after ${String(n).padStart(6)} iterations (${path[n]?.map((x) => x.toFixed(6)).join(', ')})`);
  }
  console.log(`  ${await plot([valley(path.slice(0, 1_001)), valley(path)], { to: 'out/step31/rosenbrock.svg' })}`);
  const heights = path.slice(0, 1_001).map((place) => Math.log10(heightAt(rosenbrock, place)));
  console.log(
    textPlot(heights, { height: 6, title: '\nlog10 of the height: down the wall in no time, then along the floor' }),
  );

  const descent = descend(twoValleys, [2], { lr: 0.01, iterations: 200 }).flat();
  const far = descent.findIndex((x) => Math.abs(x - 1) < 0.001);
  console.log(`\nx^4 - 2x^2 from 2: descent with lr = 0.01 comes within 0.001 of 1 in ${far} iterations; Newton:`);
  const newtons = newton(2, 10);
  console.log(newtons.slice(0, newtons.indexOf(1) + 1).map((x, i) => `  ${i}  ${x}`).join('\n')); // prettier-ignore
  console.log(`  ${await plot(distances(descent.slice(0, far + 1), newtons), { to: 'out/step31/newton.svg' })}`);
  console.log(`But Newton looks for a flat place, not for a low one: from 0.1 it goes to ${newton(0.1, 5).at(-1)}, the top of the hill.`); // prettier-ignore
}

if (require.main === module) void main();
