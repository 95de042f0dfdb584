/** Before step 53 all parameters share the optimizer's settings. */
import type { Layer } from '../../../../dezero/layers';
import { ValueError } from '../../../../dezero/ndarray';
import { Optimizer as Later } from '../../../../dezero/optimizers/optimizer';

export abstract class Optimizer extends Later {
  /** Takes charge of a layer's parameters. @throws ValueError if there is nothing to train. @since 37 */
  override setup(target: Layer): this {
    const { lr = 1, weightDecay = 0 } = this.settings;
    this.members = [...target.parameters()].map(([path, parameter]) => ({ path, parameter, lr, weightDecay, frozen: false })); // prettier-ignore
    if (this.members.length === 0) throw new ValueError('setup: there are no parameters to train');
    return this;
  }
}
