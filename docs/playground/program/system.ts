/** Loads modules in the format of System.register: they may wait at top level, and what they import is looked for when it is needed. */

export type Namespace = Record<string, unknown>;
type Setter = (namespace: Namespace) => void;
type Export = (name: string | Namespace, value?: unknown) => unknown;
type Declare = (
  give: Export,
  context: { readonly import: (name: string) => Promise<Namespace> },
) => { readonly setters?: readonly Setter[]; readonly execute?: () => void | Promise<void> };

/** Runs a module's text, which calls `System.register(needs, declare)` once. */
export type Evaluate = (name: string, register: (needs: readonly string[], declare: Declare) => void) => void;

export class Loader {
  private readonly loading = new Map<string, Promise<Namespace>>();

  /** `evaluate` runs the modules that `has` knows; every other name is given by `find`. */
  constructor(
    private readonly has: (name: string) => boolean,
    private readonly evaluate: Evaluate,
    private readonly find: (name: string) => Namespace | Promise<Namespace>,
  ) {}

  /** A module's exports, once it has run. `./step13` is the module `step13`. */
  load(specifier: string): Promise<Namespace> {
    const name = specifier.replace(/^\.{1,2}\/(?:steps\/)?/, '').replace(/\.ts$/, '');
    const known = this.loading.get(name);
    if (known) return known;
    const made = this.has(name) ? this.run(name) : Promise.resolve(name).then(this.find);
    this.loading.set(name, made);
    return made;
  }

  private async run(name: string): Promise<Namespace> {
    const namespace: Namespace = {};
    const give: Export = (key, value) => {
      Object.assign(namespace, typeof key === 'string' ? { [key]: value } : key);
      return value;
    };
    let registered: { needs: readonly string[]; declare: Declare } | undefined;
    this.evaluate(name, (needs, declare) => (registered = { needs, declare }));
    if (!registered) throw new SyntaxError(`${name} is no module`);
    const { setters = [], execute } = registered.declare(give, { import: (one) => this.load(one) });
    for (const [i, need] of registered.needs.entries()) setters[i]?.(await this.load(need));
    await execute?.();
    return namespace;
  }
}
