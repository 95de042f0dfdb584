/** A child that does the small tasks with mathjs. */
import { readFileSync } from 'node:fs';
import * as math from 'mathjs';
import { number, serve, type Task } from '../children/serve';
import { Unavailable } from '../compare';

const random = (rows: number, columns: number) => math.matrix(math.random([rows, columns], -1, 1));

const onMatrices: Readonly<Record<string, (a: math.Matrix, b: math.Matrix) => unknown>> = {
  add: (a, b) => math.add(a, b),
  mul: (a, b) => math.dotMultiply(a, b),
  relu: (a) => math.map(a, (x: number) => (x > 0 ? x : 0)),
  exp: (a) => math.map(a, Math.exp),
  sum: (a) => math.sum(a),
};

void serve({
  about(): Task {
    const { version } = JSON.parse(readFileSync(require.resolve('mathjs/package.json'), 'utf8')) as { version: string };
    return { call: () => undefined, note: () => `mathjs ${version}, float64` };
  },
  matmul(settings): Task {
    const [m, n, k] = [number(settings, 'm'), number(settings, 'n'), number(settings, 'k')];
    const { form } = settings;
    const [a, b] = [form === 'AtB' ? random(k, m) : random(m, k), form === 'ABt' ? random(n, k) : random(k, n)];
    const turned = (x: math.Matrix, when: string) => (form === when ? math.transpose(x) : x);
    return { call: () => math.multiply(turned(a, 'AtB'), turned(b, 'ABt')) };
  },
  elements(settings): Task {
    const f = onMatrices[String(settings['name'])];
    if (!f) throw new Unavailable(`has no '${settings['name']}'`);
    const [rows, columns] = [number(settings, 'rows'), number(settings, 'columns')];
    const [a, b] = [random(rows, columns), random(rows, columns)];
    return { call: () => f(a, b) };
  },
});
