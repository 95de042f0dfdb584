import { DataError } from '../backends/errors';

/** A name of Python's that a pickle refers to, such as `torch.FloatStorage`. @since 50 */
export class Global {
  /** `module.name`. @since 50 */
  constructor(readonly name: string) {}
}

/** The one thing a pickle may do beside building lists and dicts: what we let it. @since 50 */
export interface PickleRules {
  /** What error messages call the file. @since 50 */
  readonly name: string;
  /** The callable names, with what they make of their arguments. @since 50 */
  readonly functions: ReadonlyMap<string, (args: readonly unknown[]) => unknown>;
  /** True for a further name that may be referred to, not called. @since 50 */
  isName(name: string): boolean;
  /** What a reference to something outside the pickle stands for. @since 50 */
  persistent(id: unknown): unknown;
}

/** The value, and where the pickle ended. @since 50 */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
}

/**
 * Reads one pickle of Python's from `start` on. A pickle is a program for a small stack machine; this one knows only
 * the instructions that build plain data (list and tuple: Array; dict: Map; bytes: Uint8Array) and calls only what
 * `rules` names, so a hostile file can run nothing. Its time is in proportion to the bytes. Source: CPython's
 * `pickletools`.
 * @throws DataError naming the instruction or name refused, or what is broken.
 * @since 50
 */
export function unpickle(bytes: Uint8Array, start: number, rules: PickleRules): Unpickled {
  const machine = new Machine(bytes, start, rules);
  return { value: machine.run(), end: machine.at };
}

// Known instructions that would make arbitrary objects, or that only protocols 0 and 1 use.
// prettier-ignore
const refused: Readonly<Record<string, string>> = {
  I: 'INT', L: 'LONG', F: 'FLOAT', S: 'STRING', V: 'UNICODE', P: 'PERSID', p: 'PUT', g: 'GET', i: 'INST', o: 'OBJ',
  2: 'DUP', d: 'DICT', '\x81': 'NEWOBJ', '\x82': 'EXT1', '\x83': 'EXT2', '\x84': 'EXT4', '\x8d': 'BINUNICODE8',
  '\x8e': 'BINBYTES8', '\x8f': 'EMPTY_SET', '\x90': 'ADDITEMS', '\x91': 'FROZENSET', '\x92': 'NEWOBJ_EX',
  '\x96': 'BYTEARRAY8', '\x97': 'NEXT_BUFFER', '\x98': 'READONLY_BUFFER',
};

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

class Machine {
  private readonly view: DataView;
  private readonly memo = new Map<number, unknown>();
  private readonly outer: unknown[][] = []; // the stacks below each mark
  private stack: unknown[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly rules: PickleRules,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): unknown {
    for (;;) {
      const code = String.fromCharCode(this.uint(1));
      if (code === '.') return this.pop();
      if (!this.structure(code)) this.push(this.literal(code));
    }
  }

  /** Instructions that only push a value. */
  private literal(code: string): unknown {
    switch (code) {
      case 'N':
        return null;
      case '\x88':
      case '\x89':
        return code === '\x88';
      case 'J':
        return this.view.getInt32(this.take(4), true);
      case 'K':
        return this.uint(1);
      case 'M':
        return this.uint(2);
      case '\x8a':
      case '\x8b':
        return this.long(this.uint(code === '\x8a' ? 1 : 4));
      case 'G':
        return this.view.getFloat64(this.take(8));
      case 'U': // the texts of Python 2
      case '\x8c':
        return this.text(this.uint(1));
      case 'T':
      case 'X':
        return this.text(this.uint(4));
      case 'C':
        return this.slice(this.uint(1));
      case 'B':
        return this.slice(this.uint(4));
      case ']':
      case ')':
        return [];
      case '}':
        return new Map();
      case 'h':
      case 'j':
        return this.recall(this.uint(code === 'h' ? 1 : 4));
      case 'c':
        return this.global(`${this.line()}.${this.line()}`);
      default:
        return this.fail(`uses the pickle instruction ${refused[code] ?? JSON.stringify(code)}, which is refused`);
    }
  }

  /** Instructions that work on the stack; false if `code` is none of them. */
  private structure(code: string): boolean {
    switch (code) {
      case '\x80':
        if (this.uint(1) > 5) this.fail('is a pickle of an unknown protocol');
        break;
      case '\x95': // a frame, which only helps to read ahead
        this.take(8);
        break;
      case '(':
        this.outer.push(this.stack);
        this.stack = [];
        break;
      case '0':
        this.pop();
        break;
      case '1':
        this.popMark();
        break;
      case 'a': {
        const item = this.pop();
        this.list().push(item);
        break;
      }
      case 'e': {
        const items = this.popMark();
        const list = this.list();
        for (const item of items) list.push(item);
        break;
      }
      case 'l':
      case 't':
        this.push(this.popMark());
        break;
      case '\x85':
      case '\x86':
      case '\x87':
        this.push(this.popMany(code.charCodeAt(0) - 0x84));
        break;
      case 's':
        this.setItems(this.popMany(2));
        break;
      case 'u':
        this.setItems(this.popMark());
        break;
      case 'q':
      case 'r':
        this.memo.set(this.uint(code === 'q' ? 1 : 4), this.top());
        break;
      case '\x94':
        this.memo.set(this.memo.size, this.top());
        break;
      case '\x93': {
        const [module, name] = this.popMany(2);
        this.push(this.global(`${String(module)}.${String(name)}`));
        break;
      }
      case 'R':
        this.call();
        break;
      case 'b': // attributes of an OrderedDict, such as a state dict's version numbers: not needed
        this.pop();
        if (!(this.top() instanceof Map)) this.fail('sets attributes of something but a dict, which is refused');
        break;
      case 'Q':
        this.push(this.rules.persistent(this.pop()));
        break;
      default:
        return false;
    }
    return true;
  }

  private call(): void {
    const [callee, args] = this.popMany(2);
    const run = callee instanceof Global ? this.rules.functions.get(callee.name) : undefined;
    if (!run || !Array.isArray(args)) {
      this.fail(`calls ${callee instanceof Global ? callee.name : 'something that is no function'}, which is refused`);
    }
    this.push(run(args));
  }

  private global(name: string): Global {
    if (this.rules.functions.has(name) || this.rules.isName(name)) return new Global(name);
    return this.fail(
      `contains a Python object ${JSON.stringify(name)}, which is refused: only tensors are read; ` +
        'in Python, save them with torch.save(model.state_dict(), …)',
    );
  }

  private setItems(items: unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) this.broken('it fills a dict where there is none');
    if (items.length % 2 !== 0) this.broken('a dict has a key without a value');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  private list(): unknown[] {
    const list = this.top();
    return Array.isArray(list) ? list : this.broken('it fills a list where there is none');
  }

  private recall(index: number): unknown {
    if (!this.memo.has(index)) this.broken(`it refers to value ${index}, which it has not made`);
    return this.memo.get(index);
  }

  /** `this.stack.push(this.popMark())` would push onto the stack of before. */
  private push(value: unknown): void {
    this.stack.push(value);
  }

  private top(): unknown {
    return this.stack.length > 0 ? this.stack[this.stack.length - 1] : this.broken('its stack is empty');
  }

  private pop(): unknown {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): unknown[] {
    const from = this.stack.length - count;
    return from >= 0 ? this.stack.splice(from) : this.broken('its stack is empty');
  }

  private popMark(): unknown[] {
    const items = this.stack;
    this.stack = this.outer.pop() ?? this.broken('a mark is missing');
    return items;
  }

  private take(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from)
      this.fail('ends in the middle of a pickle; it is cut off or damaged: fetch it again');
    this.at += count;
    return from;
  }

  private uint(width: 1 | 2 | 4): number {
    const from = this.take(width);
    if (width === 4) return this.view.getUint32(from, true);
    return width === 2 ? this.view.getUint16(from, true) : this.view.getUint8(from);
  }

  /** A whole number of any width, little-endian, in two's complement. */
  private long(width: number): number | bigint {
    if (width > 16) this.broken(`it holds a number of ${width} bytes`);
    const hex = Array.from(this.slice(width).reverse(), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const value = BigInt.asIntN(8 * width, BigInt(`0x${hex || '0'}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private slice(count: number): Uint8Array {
    return new Uint8Array(this.bytes.subarray(this.take(count), this.at)); // a copy, of a Buffer too
  }

  private text(count: number): string {
    return utf8.decode(this.bytes.subarray(this.take(count), this.at));
  }

  private line(): string {
    const end = this.bytes.subarray(this.at, this.at + 256).indexOf(10);
    const line = this.text(end < 0 ? this.bytes.length : end);
    this.take(1);
    return line;
  }

  private broken(how: string): never {
    return this.fail(`is a broken pickle: ${how}`);
  }

  private fail(problem: string): never {
    throw new DataError(`${this.rules.name}: the file ${problem}`);
  }
}
