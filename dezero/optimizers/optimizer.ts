import { Parameter } from '../core';
import { Layer } from '../layers';
import * as nd from '../ndarray';
import { DTypeError, GraphError, outsideScopes, ValueError, type NDArray } from '../ndarray';
import type { Backend, ParameterUpdate, UpdateRule } from '../backends/backend';
import { constant, type Schedule } from './schedules';

/** Parameters that share settings. @since 53 */
export interface Group {
  /** A layer, or parameters with or without their paths. @since 53 */
  readonly params: Layer | Iterable<readonly [string, Parameter]> | Iterable<Parameter>;
  /** Learning rate; default the optimizer's. @since 53 */
  readonly lr?: number;
  /** Weight decay; default the optimizer's. @since 53 */
  readonly weightDecay?: number;
  /** Leave these as they are; default false. @since 53 */
  readonly frozen?: boolean;
}

/** What runs on the parameters before each update: see `hooks.ts`. @since 37 */
export type Hook = (parameters: readonly Parameter[]) => void;

/** What every optimizer takes. @since 37 */
export interface OptimizerOptions {
  /** Learning rate. @since 37 */
  readonly lr?: number;
  /** Factor on every learning rate at update 0, 1, 2, …; default constant. @since 37 */
  readonly schedule?: Schedule;
}

interface Member {
  readonly path: string;
  readonly parameter: Parameter;
  readonly lr: number;
  readonly weightDecay: number;
  readonly frozen: boolean;
}

/**
 * Changes parameters by their gradients: `new SGD({ lr: 0.1 }).setup(model)`, then `update()` after each `backward`.
 * @example
 * const model = new M.MLP([10, 1]);
 * const optimizer = new O.Adam({ lr: 0.1 }).setup(model);
 * const [x, t] = [variable([[0], [1], [2]]), variable([[1], [3], [5]])];
 * for (let i = 0; i < 200; i++) {
 *   model.clearGrads();
 *   F.meanSquaredError(model.call(x), t).backward();
 *   optimizer.update();
 * }
 * F.meanSquaredError(model.call(x), t).item() < 0.01; // → true
 * @since 37
 */
export abstract class Optimizer {
  /** Updates done so far. @since 37 */
  steps = 0;
  /** The rule that the device applies. @since 37 */
  protected abstract readonly rule: UpdateRule;
  /** What it keeps for each parameter, an array each. @since 37 */
  protected abstract readonly stateNames: readonly string[];
  /** What `setup` was given. @since 37 */
  protected members: Member[] = [];
  private readonly hooks: Hook[] = [];
  /** What it has kept so far. @since 37 */
  protected readonly states = new Map<Parameter, NDArray[]>();
  private readonly restored = new Map<string, NDArray>();

  /** `settings` are the rule's own numbers. @since 37 */
  constructor(
    protected readonly settings: Readonly<Record<string, number>>,
    private readonly schedule: Schedule = constant(),
  ) {
    const { lr } = settings;
    if (lr !== undefined && !(lr >= 0)) throw new ValueError(`lr must be a number from 0 on, not ${lr}`);
  }

  /**
   * Takes charge of a layer's parameters, or of groups with settings of their own. Where two have the same path, as the weights of two
   * layers in groups of their own, the later is called `path#2`.
   * @throws ValueError for a parameter in two groups, a weight decay that the rule does not know, or a group of none; DTypeError for
   * what is no parameter.
   * @example
   * const [body, head] = [new L.Linear(10), new L.Linear(2)];
   * const groups = [{ params: body, lr: 1e-4 }, { params: head }];
   * const optimizer = new O.AdamW().setup(groups); // the head learns faster
   * [...optimizer.learningRates().values()];
   * // → [ 0.0001, 0.0001, 0.001, 0.001 ]
   * @since 37
   */
  setup(target: Layer | readonly Group[]): this {
    const groups: readonly Group[] = target instanceof Layer ? [{ params: target }] : target;
    this.members = [];
    const seen = new Set<Parameter>();
    const paths = new Set<string>();
    for (const [at, group] of groups.entries()) {
      const {
        params,
        lr = this.settings.lr ?? 1,
        weightDecay = this.settings.weightDecay ?? 0,
        frozen = false,
      } = group;
      if (weightDecay !== 0 && this.settings.weightDecay === undefined) {
        throw new ValueError('setup: only AdamW decays weights by group; elsewhere use addHook(weightDecay(rate))');
      }
      const before = seen.size;
      for (const item of params instanceof Layer ? params.parameters() : params) {
        const [path, parameter] = isNamed(item) ? item : ([item.name ?? `${seen.size}`, item] as const);
        if (!(parameter instanceof Parameter)) {
          const taken = "a layer, parameters, or pairs of path and parameter (a layer's name is not enough)";
          throw new DTypeError(`setup: params of group ${at} holds what is no Parameter; it takes ${taken}`);
        }
        if (seen.has(parameter)) throw new ValueError(`setup: parameter '${path}' is in two groups`);
        seen.add(parameter);
        let unique = path;
        for (let n = 2; paths.has(unique); n++) unique = `${path}#${n}`;
        paths.add(unique);
        this.members.push({ path: unique, parameter, lr, weightDecay, frozen });
      }
      if (seen.size === before) throw new ValueError(`setup: group ${at} has no parameters; if they were chosen by a name, is there such a layer?`); // prettier-ignore
    }
    if (seen.size === 0) throw new ValueError('setup: there are no parameters to train');
    return this;
  }

  /** Runs before each update, in the order added: `opt.addHook(clipGrads(1))`. @since 37 */
  addHook(hook: Hook): this {
    this.hooks.push(hook);
    return this;
  }

  /**
   * The learning rate of each parameter at the next update, by path; 0 where frozen.
   * @example
   * const schedule = O.stepDecay({ every: 10 });
   * const optimizer = new O.SGD({ lr: 0.1, schedule }).setup(new M.MLP([1]));
   * optimizer.learningRates();
   * // → Map(2) { 'layers.0.weight' => 0.1, 'layers.0.bias' => 0.1 }
   * @since 53
   */
  learningRates(): Map<string, number> {
    const factor = this.schedule(this.steps);
    return new Map(this.members.map((m) => [m.path, isFrozen(m) ? 0 : m.lr * factor]));
  }

  /** One step. @throws GraphError that names the parameter with no gradient. @since 37 */
  update(): void {
    const moving = this.members.filter((m) => !isFrozen(m));
    for (const { path, parameter } of moving) {
      if (!parameter.grad) {
        throw new GraphError(
          `update: parameter '${path}' has no gradient; call backward() on the loss first, or freeze it`,
        );
      }
    }
    for (const hook of this.hooks) hook(moving.map((m) => m.parameter));
    const factor = this.schedule(this.steps);
    this.steps++;
    const updates = new Map<Backend, ParameterUpdate[]>();
    for (const member of moving) {
      const { parameter, lr, weightDecay } = member;
      if (!parameter.grad) continue;
      // A rule works on whole memory: a view, such as a transposed table of weights, is laid out first.
      parameter.data = solid(parameter.data);
      const { backend } = parameter.data.storage;
      const before = updates.get(backend) ?? [];
      before.push({
        parameter: parameter.data,
        grad: solid(parameter.grad.data),
        state: this.stateOf(member),
        settings: { ...this.settings, lr: lr * factor, weightDecay, step: this.steps },
      });
      updates.set(backend, before);
    }
    for (const [backend, members] of updates) backend.update(this.rule, members);
  }

  /** What it keeps for a parameter, made at the first update. @since 37 */
  protected stateOf({ path, parameter }: Member): NDArray[] {
    let state = this.states.get(parameter);
    const { shape, dtype, device } = parameter.data;
    if (!state || state.some((array) => array.device !== device || !nd.sameShape(array.shape, shape))) {
      state = outsideScopes(() =>
        this.stateNames.map((name) => {
          const saved = this.restored.get(`${path}.${name}`);
          this.restored.delete(`${path}.${name}`);
          if (!saved) return nd.resident(nd.full(shape, 0, { dtype, device }));
          return device === 'gpu' ? saved.astype(dtype).to('gpu') : nd.resident(saved.astype(dtype));
        }),
      );
      this.states.set(parameter, state);
    }
    return state;
  }

  /** What it remembers, by path, as copies: save it with the model to go on later. @since 49 */
  state(): Map<string, NDArray> {
    const all = new Map<string, NDArray>();
    const put = (name: string, array: NDArray) =>
      all.set(
        name,
        outsideScopes(() => nd.copy(array)),
      );
    this.restored.forEach((array, name) => put(name, array));
    for (const { path, parameter } of this.members) {
      this.states.get(parameter)?.forEach((array, i) => put(`${path}.${this.stateNames[i]}`, array));
    }
    return all.set('steps', nd.onCpu(Float64Array.of(this.steps)).reshape([]));
  }

  /** Goes on from a saved state. Call after `setup`. @throws ValueError for state of other parameters. @since 49 */
  restore(state: ReadonlyMap<string, NDArray>): this {
    const known = new Map(this.members.map(({ path, parameter }) => [path, parameter]));
    this.states.clear();
    this.restored.clear();
    for (const [name, array] of state) {
      if (name === 'steps') {
        this.steps = array.item();
        continue;
      }
      const dot = name.lastIndexOf('.');
      const path = name.slice(0, dot);
      const parameter = known.get(path);
      if (!this.stateNames.includes(name.slice(dot + 1))) {
        throw new ValueError(
          `restore: '${name}' is not what ${this.constructor.name} remembers; was it another optimizer's?`,
        );
      }
      if (!parameter || (parameter.ready && !nd.sameShape(parameter.shape, array.shape))) {
        throw new ValueError(`restore: the state of '${path}' does not belong to the parameters set up`);
      }
      this.restored.set(
        name,
        outsideScopes(() => nd.copy(array)),
      );
    }
    return this;
  }
}

function solid(x: NDArray): NDArray {
  return x.contiguous ? x : nd.copy(x);
}

function isNamed(item: Parameter | readonly [string, Parameter]): item is readonly [string, Parameter] {
  return Array.isArray(item);
}

function isFrozen({ frozen, parameter }: Member): boolean {
  return frozen || !parameter.requiresGrad;
}
