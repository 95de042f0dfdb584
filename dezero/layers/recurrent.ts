import { asVariable, type Operand, type Variable } from '../core';
import { sigmoid, split, tanh } from '../functions';
import { assign, checkCount, entrust, full, letGo, ShapeError, type DType, type Generator } from '../ndarray';
import { Layer } from './layer';
import { Linear } from './linear';

/** Options of a recurrent layer. @since 44 */
export interface RecurrentOptions {
  /** Size of one input; learned at the first call if not given. @since 44 */
  readonly in?: number;
  /** Of the parameters; default float32. @since 44 */
  readonly dtype?: DType;
  /** Where the first weights come from; default the generator that `setSeed` seeds. @since 44 */
  readonly generator?: Generator;
}

/** A state carried from call to call: its memory outlives the scope of the iteration that made it. */
class Carried {
  private state: Variable | null = null;
  private held = false;

  /** For a layer that is only looked at: one that remembers nothing. */
  standIn(): Carried {
    return new Carried();
  }

  get value(): Variable | null {
    return this.state;
  }

  set value(next: Variable | null) {
    const held = next !== null && entrust(next.data.storage, null);
    if (this.state && this.held) letGo(this.state.data.storage);
    this.state = next;
    this.held = held;
  }
}

/** A layer that remembers: each call takes one step of the sequences x (N, in) and gives the new state (N, hidden). @since 44 */
export abstract class Recurrent extends Layer {
  /** From the input to all that is computed of it. @since 44 */
  readonly x2h: Linear;
  /** The same from the state before. @since 44 */
  readonly h2h: Linear;
  private readonly carried = new Carried();

  /** `hidden` numbers of state, `parts` linear maps of input and state side by side. @since 44 */
  constructor(
    readonly hidden: number,
    parts: number,
    { in: inputs, ...options }: RecurrentOptions,
    stateBias = false,
  ) {
    super();
    checkCount(`${this.constructor.name}: hidden`, hidden, 1);
    this.x2h = new Linear(parts * hidden, { ...options, ...(inputs !== undefined && { in: inputs }) });
    this.h2h = new Linear(parts * hidden, { ...options, in: hidden, bias: stateBias });
  }

  /** The state (N, hidden) after the latest call; null before the first. @since 44 */
  get state(): Variable | null {
    return this.carried.value;
  }

  /** Forgets the state: the next call begins new sequences. @since 44 */
  resetState(): void {
    this.carried.value = null;
  }

  /** The state after a step, from the input and the state before. @since 44 */
  protected abstract step(x: Variable, h: Variable): Variable;

  override forward(x: Operand): Variable {
    const v = asVariable(x);
    const h = this.state;
    if (h && h.shape[0] !== v.shape[0]) {
      const rule = `the state is that of ${h.shape[0]} sequences, and x holds ${v.shape[0]}; call resetState() before new ones`;
      throw new ShapeError(this.constructor.name, [v.shape, h.shape], rule);
    }
    return (this.carried.value = this.step(v, h ?? this.nothingYet(v)));
  }

  /** The state before anything has been seen: zeros. */
  private nothingYet({ shape: [N = 0], device }: Variable): Variable {
    return asVariable(full([N, this.hidden], 0, { dtype: this.h2h.weight.dtype, device }));
  }
}

/**
 * h ← tanh(x·Wx + b + h·Wh): a network fed its own last answer (Elman, 1990).
 * @example
 * const layer = new L.RNN(20);
 * layer.call(zeros([1, 3])).shape; // → [ 1, 20 ]
 * layer.state?.shape; // → [ 1, 20 ]
 * @since 44
 */
export class RNN extends Recurrent {
  /** `hidden` numbers of state. @since 44 */
  constructor(hidden: number, options: RecurrentOptions = {}) {
    super(hidden, 1, options);
  }
  protected override step(x: Variable, h: Variable): Variable {
    return tanh(this.x2h.call(x).add(this.h2h.call(h)));
  }
}

/**
 * A state with a memory cell c beside it, which gates protect (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000):
 * i, f, o = σ(x·Wx + b + h·Wh), u = tanh(…) likewise, c ← f·c + i·u, h ← o·tanh c. The four lie side by side in that order.
 * The forget gate's bias starts at 1, so that the cell remembers at first (Jozefowicz et al., 2015).
 * @example
 * const layer = new L.LSTM(20);
 * layer.call(zeros([1, 3])).shape; // → [ 1, 20 ]
 * layer.resetState();
 * layer.state; // → null
 * @since 45
 */
export class LSTM extends Recurrent {
  private readonly memory = new Carried();

  /** `hidden` numbers of state, and as many cells. @since 45 */
  constructor(hidden: number, options: RecurrentOptions = {}) {
    super(hidden, 4, options);
    const { bias } = this.x2h;
    if (bias) assign(bias.data.slice([{ from: hidden, to: 2 * hidden }]), 1);
  }

  /** The cell c (N, hidden) after the latest call; null before the first. @since 45 */
  get cell(): Variable | null {
    return this.memory.value;
  }

  override resetState(): void {
    super.resetState();
    this.memory.value = null;
  }

  protected override step(x: Variable, h: Variable): Variable {
    const z = this.x2h.call(x).add(this.h2h.call(h));
    const [zi, zf, zo, zu] = split(z, 4, { axis: 1 }) as [Variable, Variable, Variable, Variable];
    const [i, f, o, u] = [sigmoid(zi), sigmoid(zf), sigmoid(zo), tanh(zu)];
    const before = this.cell;
    const c = before ? f.mul(before).add(i.mul(u)) : i.mul(u);
    this.memory.value = c;
    return o.mul(tanh(c));
  }
}

/**
 * Two gates and no cell (Cho et al., 2014): r, z = σ(x·Wx + b + h·Wh + d), n = tanh(x·Wx + b + r·(h·Wh + d)),
 * h ← (1 − z)·n + z·h. The three lie side by side in the order r, z, n, as in PyTorch.
 * @example
 * const layer = new L.GRU(20);
 * // five steps of a sequence
 * for (let i = 0; i < 5; i++) layer.call(zeros([1, 3]));
 * layer.state?.shape; // → [ 1, 20 ]
 * @since 45
 */
export class GRU extends Recurrent {
  /** `hidden` numbers of state. @since 45 */
  constructor(hidden: number, options: RecurrentOptions = {}) {
    super(hidden, 3, options, true);
  }
  protected override step(x: Variable, h: Variable): Variable {
    const parts = (both: Variable) => split(both, 3, { axis: 1 }) as [Variable, Variable, Variable];
    const [xr, xz, xn] = parts(this.x2h.call(x));
    const [hr, hz, hn] = parts(this.h2h.call(h));
    const [r, z] = [sigmoid(xr.add(hr)), sigmoid(xz.add(hz))];
    const n = tanh(xn.add(r.mul(hn)));
    return n.add(z.mul(h.sub(n)));
  }
}
