/**
 * Step 33 · Shapes and sums: a gradient keeps its variable's shape.
 *
 * Until now both sides of an operation had one shape. A network adds one bias to every row of a batch, turns matrices round, and sums
 * everything up to one loss. What does `backward` do where the shape changes on the way? It has one rule to keep: the gradient of x
 * has the shape of x, a number for each of its elements. So backward undoes what forward did to the shape: what was moved goes
 * back, what was summed is repeated, and what was repeated is summed.
 */
import { arange, Func, variable, type NDArray, type Shape, type Variable } from 'dezero';
import * as F from 'dezero/functions';

/** Repeats x up to a shape, and hands the gradient on as it comes: wrong. */
export class CarelessRepeat extends Func {
  constructor(readonly shape: Shape) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.broadcastTo(this.shape);
  }
  override backward(gy: Variable): Variable {
    return gy;
  }
}

/** The same, mended: an element that was used in several places gets the sum of their gradients. */
export class Repeat extends CarelessRepeat {
  override backward(gy: Variable): Variable {
    return F.sumTo(gy, this.input(0).shape);
  }
}

/** What changes shapes, each tried on a matrix of (2, 3). */
export const operations: Readonly<Record<string, (x: Variable) => Variable>> = {
  'reshape([3, 2])': (x) => x.reshape([3, 2]),
  'transpose()': (x) => x.transpose(),
  'getItem(1)': (x) => x.getItem(1),
  'getItem([{}, { from: 1 }])': (x) => x.getItem([{}, { from: 1 }]),
  'getItem(rows 0, 0, 1)': (x) => x.getItem(Int32Array.of(0, 0, 1)),
  'sum()': (x) => x.sum(),
  'sum({ axis: 0 })': (x) => x.sum({ axis: 0 }),
  'sumTo([2, 1])': (x) => x.sumTo([2, 1]),
  'broadcastTo([2, 2, 3])': (x) => x.broadcastTo([2, 2, 3]),
  'mean({ axis: 0 })': (x) => x.mean({ axis: 0 }),
  'max({ axis: 1 })': (x) => x.max({ axis: 1 }),
  'min()': (x) => x.min(),
};

/** y, and the gradient of x where that of y is given: 1, 2, 3, …, so that each number can be followed on its way back. */
export function followBack(f: (x: Variable) => Variable, x: Variable): { y: Variable; gx: Variable | null } {
  const y = f(x);
  y.grad = variable(arange(y.size).reshape(y.shape)).add(1);
  y.backward();
  return { y, gx: x.grad };
}

/** The two gradients of f(a, b), for shapes that differ. */
export function gradientsOf(f: (a: Variable, b: Variable) => Variable): { ga: Variable | null; gb: Variable | null } {
  const a = variable([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const b = variable([10, 20, 50]);
  f(a, b).backward();
  return { ga: a.grad, gb: b.grad };
}

/** As the package's messages write shapes: `(3,)` has one axis, `(2, 3)` two. */
const shapeText = ({ shape }: Variable) => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
const inOneLine = (x: Variable | null) => String(x?.data).replaceAll(/\n\s*/g, ' ');

export function main(): void {
  const b = variable([10, 20, 30], 'b');
  console.log('b, of shape (3,), is repeated as both rows of y, of shape (2, 3). Handing gy on as it comes:');
  try {
    new CarelessRepeat([2, 3]).call(b).backward();
  } catch (error) {
    console.log(`  ${(error as Error).message}`);
  }
  new Repeat([2, 3]).call(b).backward();
  console.log(`Summed over the rows, each element of b was used twice: ${inOneLine(b.grad)}\n`);

  console.log('x = [[1 2 3] [4 5 6]]; the gradient of y is 1, 2, 3, … in the shape of y. That of x:');
  console.log(`  ${'y'.padEnd(28)}${'shape of y'.padEnd(13)}gradient of x`);
  for (const [name, f] of Object.entries(operations)) {
    const { y, gx } = followBack(f, variable([[1, 2, 3], [4, 5, 6]])); // prettier-ignore
    console.log(`  ${name.padEnd(28)}${shapeText(y).padEnd(13)}${inOneLine(gx)}`);
  }

  console.log('\nSo + − · / take shapes that broadcast now: a is (2, 3), b is (3,).');
  for (const name of ['add', 'sub', 'mul', 'div'] as const) {
    const { ga, gb } = gradientsOf(F[name]);
    console.log(`  a.${name}(b)   ga ${inOneLine(ga).padEnd(36)} gb ${inOneLine(gb)}`);
  }
}

if (require.main === module) main();
