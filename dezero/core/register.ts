import { Variable } from './variable';

// A function whose first parameter is an operand is a method as it stands.
type Operation = (x: Variable, ...rest: never[]) => Variable;

const operations = new Map<string, Operation>();

/**
 * Makes functions into methods of Variable, `f(x, …)` into `x.f(…)`, and known by name.
 * @example
 * register({ cube: (x) => F.pow(x, 3) });
 * expr`1 + cube(${2})`; // → variable(9)
 * @since 29
 */
export function register(functions: Readonly<Record<string, Operation>>): void {
  for (const [name, f] of Object.entries(functions)) {
    operations.set(name, f);
    Object.defineProperty(Variable.prototype, name, {
      value(this: Variable, ...rest: never[]) {
        return f(this, ...rest);
      },
      configurable: true,
      writable: true,
    });
  }
}

/**
 * The registered function of a name.
 * @example
 * operation('square')?.(variable(3)); // → variable(9)
 * @since 29
 */
export function operation(name: string): Operation | undefined {
  return operations.get(name);
}
