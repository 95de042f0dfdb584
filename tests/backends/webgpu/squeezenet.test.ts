import { expect, test } from 'vitest';
import { array, memoryScope, noGrad, randn, setDevice, setSeed, testMode } from 'dezero';
import * as F from 'dezero/functions';
import { loadTensors } from 'dezero/io';
import { SqueezeNet10, SqueezeNetSmall } from 'dezero/models';
import { AdamW, clipGrads } from 'dezero/optimizers';
import { testData } from '../../io/helpers';
import { needsGpu } from './gpu';

// The networks of step 53 on the gpu: their answers, and their training.
needsGpu();

const weights = testData('squeezenet1_0_imagenet.pth');
const golden = testData('squeezenet1_0_golden.npz');

test.runIf(weights && golden)('SqueezeNet 1.0 gives the scores that PyTorch computes, within 1e-3', async () => {
  const model = new SqueezeNet10();
  await model.load(weights ?? '');
  model.to('gpu');
  const { tensors } = await loadTensors(golden ?? '');
  for (const photo of ['p0', 'p3']) {
    const [x, expected] = [tensors.get(`${photo}_input`), tensors.get(`${photo}_logits`)];
    if (!x || !expected) throw new Error(`${photo} is not in the golden file`);
    using _ = memoryScope();
    const scores = testMode(() => noGrad(() => model.call(x.to('gpu')))).data;
    expect((await scores.to('cpu')).reshape([-1])).toBeAllClose(expected.reshape([-1]), { rtol: 0, atol: 1e-3 });
  }
});

test('training with dropout, clipped gradients and AdamW: the losses of the cpu within 1e-3', async () => {
  const losses = async (device: 'cpu' | 'gpu'): Promise<number[]> => {
    setSeed(0);
    const model = new SqueezeNetSmall({ classes: 2 }); // the same first weights, to the last bit
    const x = randn([8, 3, 32, 32], { seed: 1, dtype: 'float32' });
    const t = array(Int32Array.of(0, 1, 1, 0, 1, 0, 0, 1));
    model.call(x);
    if (device === 'gpu') model.to('gpu');
    const optimizer = new AdamW({ lr: 3e-3 }).addHook(clipGrads(1)).setup(model);
    const list: number[] = [];
    for (let step = 0; step < 4; step++) {
      using _ = memoryScope();
      setSeed(0, step + 1);
      const loss = F.softmaxCrossEntropy(model.call(await x.to(device)), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      list.push((await loss.data.to('cpu')).item());
    }
    return list;
  };
  await setDevice('cpu');
  expect(await losses('gpu')).toBeAllClose(await losses('cpu'), { rtol: 0, atol: 1e-3 });
});
