// builds on nothing
/**
 * Step 01 · Variable: a box for a value.
 *
 * Everything this course computes lives in boxes. A plain number knows nothing about itself. A box can: later it will
 * remember how it was computed, and how strongly a result depends on it. For now it only holds a number, which can be
 * taken out and replaced. (`public data` is short for a field of that name that the constructor fills.)
 */

/** A box for a value. */
export class Variable {
  constructor(public data: number) {}
}

export function main(): void {
  const x = new Variable(1);
  console.log(`a new box:      x.data = ${x.data}`);

  x.data = 2;
  console.log(`refilled:       x.data = ${x.data}`);

  // A second name is not a second box.
  const same = x;
  same.data = 3;
  console.log(`by either name: x.data = ${x.data}`);
}

if (require.main === module) void main();
