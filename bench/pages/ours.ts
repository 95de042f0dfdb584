/** This project in a page. */
import { array, memoryScope, nd, randn, setDevice, type NDArray } from 'dezero';
import { softmaxCrossEntropy } from 'dezero/functions';
import { SGD } from 'dezero/optimizers';
import { getBackend } from '../../dezero/backends/registry';
import { WebGpuBackend } from '../../dezero/backends/webgpu/webgpu';
import { cnn } from '../cnn';
import { offer, type PageTask } from './page';

const random = (...shape: number[]) => randn(shape, { seed: shape.length, dtype: 'float32' });
/** One number of an array: when it is here, everything that was asked for before is done. */
const oneOf = (x: NDArray) => x.slice(x.shape.map(() => ({ to: 1 }))).to('cpu');

async function open(): Promise<string> {
  await setDevice('gpu');
  const gpu = getBackend('gpu');
  return `DeZero, WebGPU on ${gpu instanceof WebGpuBackend ? gpu.info.description : gpu.name}`;
}

function matmul({ n }: Readonly<Record<string, number | string>>): PageTask {
  const [a, b] = [random(Number(n), Number(n)), random(Number(n), Number(n))];
  return {
    call() {
      using _ = memoryScope();
      nd.matmul(a, b);
    },
    settle: () => oneOf(a),
  };
}

function training({ batch }: Readonly<Record<string, number | string>>): PageTask {
  const model = cnn();
  const optimizer = new SGD({ lr: 0.001 }).setup(model);
  const [, watched] = [...model.parameters()].at(-1) ?? [];
  const x = random(Number(batch), 1, 28, 28);
  const t = array(Int32Array.from({ length: Number(batch) }, (_, i) => i % 10));
  return {
    call() {
      using _ = memoryScope();
      const loss = softmaxCrossEntropy(model.call(x), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
    },
    settle: () => watched && oneOf(watched.data),
  };
}

offer(open, { matmul, training });
