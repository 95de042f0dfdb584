import type { ConstantNode, FunctionNode, MathJsInstance, OperatorNode, ParenthesisNode, SymbolNode } from 'mathjs';
import { loadMathjs } from '#mathjs';
import { DTypeError, ValueError } from '../ndarray';
import { add, div, mul, neg, pow, sub } from './operators';
import { operation } from './register';
import { asVariable, Variable, type Operand } from './variable';

type Program = (values: readonly unknown[]) => unknown;
type Call = (...args: unknown[]) => unknown;
type Tree = ConstantNode | FunctionNode | OperatorNode | ParenthesisNode | SymbolNode;

const constants = new Map([['pi', Math.PI], ['e', Math.E]]); // prettier-ignore
const NOTHING = 'means nothing here; there are + - * / ^';
const programs = new WeakMap<TemplateStringsArray, Program>();
let language: Language | undefined;

/**
 * A formula that looks like one: expr`100 * (${x1} - ${x0}^2)^2 + (1 - ${x0})^2`. It knows + − * / ^, parentheses, numbers,
 * pi, e, and the functions of `F` by name; `*` and `/` go element by element, and in a^b one of the two is a plain number. mathjs reads it once for each place in the
 * source; after that it is as fast as the methods. What is put in is an operand, or, after a function's first argument, its
 * shape, axes or options.
 * @throws ValueError that points into the formula; DTypeError for a value that is no operand.
 * @example
 * const [x, y] = [variable(1), variable(2)];
 * expr`100 * (${y} - ${x}^2)^2 + (1 - ${x})^2`; // → variable(100)
 * expr`exp(-${x}) / (1 + sin(${y}))`; // → variable(0.19267791178196023)
 * @since 29
 */
export function expr(formula: TemplateStringsArray, ...values: readonly (Operand | object)[]): Variable {
  let program = programs.get(formula);
  if (!program) programs.set(formula, (program = readFormula(formula.raw)));
  return asVariable(program(values) as Operand);
}

/** mathjs's parser, and Add, Sub, Mul, … as its typed functions, under its own names. */
interface Language {
  readonly parse: MathJsInstance['parse'];
  readonly operators: ReadonlyMap<string, Call>;
}

/** The part of typed-function, which mathjs stands on, that its types leave out. */
interface TypedFactory {
  create(): {
    (signatures: Record<string, (...args: never[]) => unknown>): Call;
    addType(type: { name: string; test: (x: unknown) => boolean }): void;
  };
}

function makeLanguage(): Language {
  const { parse, typed: shared } = loadMathjs();
  const typed = (shared as MathJsInstance['typed'] & TypedFactory).create(); // a fresh one converts nothing on its own
  typed.addType({ name: 'Variable', test: (x) => x instanceof Variable });
  const unary = (plain: (x: number) => number, f: (x: Operand) => Variable) => typed({ number: plain, Variable: f });
  const binary = (plain: (a: number, b: number) => number, f: (a: Operand, b: Operand) => Variable) =>
    typed({ 'number, number': plain, 'Variable, Variable | number': f, 'number, Variable': f });
  const operators = new Map([
    ['add', binary((a, b) => a + b, add)],
    ['subtract', binary((a, b) => a - b, sub)],
    ['multiply', binary((a, b) => a * b, mul)],
    ['divide', binary((a, b) => a / b, div)],
    ['pow', binary((a, b) => a ** b, power)],
    ['unaryMinus', unary((x) => -x, neg)],
    ['unaryPlus', unary((x) => +x, asVariable)],
  ]);
  return { parse, operators };
}

/** a^b where one of them is a variable: xᶜ, or cˣ = e to the x·ln c. */
function power(a: Operand, b: Operand): Variable {
  if (typeof b === 'number') return pow(a, b);
  const exp = operation('exp');
  if (typeof a !== 'number' || !(a > 0) || !exp) {
    throw new DTypeError(
      'expr: a^b takes a plain number as exponent, or as a base above 0; for variables, a above 0, write exp(b * log(a))',
    );
  }
  return exp(a === Math.E ? asVariable(b) : mul(b, Math.log(a)));
}

/** What a template computes, as nested calls. */
function readFormula(pieces: readonly string[]): Program {
  // The place for a value becomes a name, as wide as the ${...} that messages show for it.
  const text = pieces.reduce((left, right, i) => `${left} $${String(i - 1).padStart(3, '0')} ${right}`);
  const strange = /[^\w\s.+\-*/^(),$]|\*\*|\$(?!\d{3} )/.exec(text);
  if (strange) fail(text, strange.index, strange[0] === '$' ? 'a value goes in as ${…}' : `${strange[0]} ${NOTHING}`);
  language ??= makeLanguage();
  let tree: Tree;
  try {
    tree = language.parse(text.replaceAll('\n', ' ')) as Tree;
  } catch (error) {
    const { message, char } = error as Error & { char: number };
    const reason = message.replace(/ \(char \d+\)$/, '').replace(/\$\d{3}/, '${...}');
    return fail(text, Math.min(char - 1, text.trimEnd().length), reason.toLowerCase());
  }
  return new Reader(text, language.operators).read(tree);
}

/** Turns mathjs's tree into functions of the values, and finds for each leaf its column. */
class Reader {
  private readonly columns: readonly number[];
  private next = 0; // the leaves of the tree come in the order of the words

  constructor(
    private readonly text: string,
    private readonly operators: ReadonlyMap<string, Call>,
  ) {
    this.columns = [...text.matchAll(/ \$\d{3} |[a-z_]\w*|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/gi)].map(({ index }) => index);
  }

  /** `anything`: a value here need not be an operand. */
  read(node: Tree, anything = false): Program {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.read(node.content as Tree);
      case 'ConstantNode':
        return this.readNumber(node.value);
      case 'SymbolNode':
        return node.name.startsWith('$') ? this.readValue(node.name, anything) : this.readName(node.name);
      case 'OperatorNode':
        return this.readOperator(node);
      case 'FunctionNode':
        return this.readCall(node);
      default:
        return this.fail('a formula has numbers, names, calls, parentheses and + - * / ^, nothing else');
    }
  }

  private readNumber(value: unknown): Program {
    if (typeof value !== 'number') {
      return this.fail(this.text.trim() ? `${String(value)} is not a number` : 'the formula is empty');
    }
    this.next++;
    return () => value;
  }

  private readName(name: string): Program {
    const constant = constants.get(name);
    if (operation(name)) this.fail(`${name} is a function: write ${name}(…)`);
    if (constant === undefined) this.fail(`${name} is not known; a variable goes in as \${${name}}`);
    this.next++;
    return () => constant;
  }

  private readValue(name: string, anything: boolean): Program {
    const place = Number(name.slice(1));
    const column = this.columns[this.next++] ?? 0;
    const { text } = this;
    if (anything) return (values) => values[place];
    return (values) => {
      const value = values[place];
      if (typeof value === 'number' || value instanceof Variable) return value;
      try {
        return asVariable(value as Operand);
      } catch (error) {
        throw new DTypeError(pointAt(text, column, (error as Error).message));
      }
    };
  }

  private readOperator({ op, fn, args, implicit }: OperatorNode): Program {
    const f = this.operators.get(fn);
    const [left, right] = args as Tree[];
    if (!f || !left) return fail(this.text, this.text.indexOf(op), `${String(op)} ${NOTHING}`);
    const a = this.read(left);
    if (!right) return (values) => f(a(values));
    if (implicit) this.fail('an operator is missing before this; a product needs its *');
    const b = this.read(right);
    return (values) => f(a(values), b(values));
  }

  private readCall({ fn, args }: FunctionNode): Program {
    const { name } = fn;
    const f = operation(name) as Call | undefined;
    if (fn.type !== 'SymbolNode') return this.fail(`a formula has no methods: write ${name}(x) for x.${name}()`);
    if (name.startsWith('$') || constants.has(name)) return this.fail('an operator is missing after this');
    if (!f) return this.fail(`${name}(…) is not a function of F`);
    this.next++;
    const [first, ...rest] = args.map((arg, i) => this.read(arg as Tree, i > 0));
    if (!first) return this.fail(`${name}(…) needs an argument`);
    if (rest.length === 0) return (values) => f(first(values));
    return (values) => f(first(values), ...rest.map((arg) => arg(values)));
  }

  private fail(message: string): never {
    return fail(this.text, this.columns[this.next] ?? this.text.trimEnd().length, message);
  }
}

function fail(text: string, column: number, message: string): never {
  throw new ValueError(pointAt(text, column, message));
}

/** A message with the line it is about, and a ^ under the column. */
function pointAt(text: string, column: number, message: string): string {
  const start = text.lastIndexOf('\n', column - 1) + 1;
  const line = text.slice(start).split('\n', 1)[0] ?? '';
  const shown = line.replace(/ \$\d{3} /g, '${...}').trimEnd();
  const margin = shown.length - shown.trimStart().length;
  return `expr: ${message}\n  ${shown.slice(margin)}\n  ${' '.repeat(Math.max(0, column - start - margin))}^`;
}
