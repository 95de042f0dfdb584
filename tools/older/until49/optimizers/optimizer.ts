/** Before step 49 there are no saved states to go on from. */
import type { Parameter } from '../../../../dezero/core';
import * as nd from '../../../../dezero/ndarray';
import { outsideScopes, type NDArray } from '../../../../dezero/ndarray';
import { Optimizer as Later } from '../../../../dezero/optimizers/optimizer';

declare interface Member {
  readonly path: string;
  readonly parameter: Parameter;
  readonly lr: number;
  readonly weightDecay: number;
  readonly frozen: boolean;
}

export abstract class Optimizer extends Later {
  /** What it keeps for a parameter, made at the first update. @since 37 */
  protected override stateOf({ parameter }: Member): NDArray[] {
    const { shape, dtype, device } = parameter.data;
    let state = this.states.get(parameter);
    if (!state || state.some((array) => array.device !== device || !nd.sameShape(array.shape, shape))) {
      state = outsideScopes(() => this.stateNames.map(() => nd.full(shape, 0, { dtype, device })));
      this.states.set(parameter, state);
    }
    return state;
  }
}
