import { creatureKinds, type CreatureKind } from './creatures';

/**
 * What the outputs of the built-in weights of SqueezeNetSmall mean, in order: all that can be drawn but ants and bees, which are left to
 * be learned.
 * @example
 * trainedKinds.length; // → 12
 * @since 50
 */
export const trainedKinds: readonly CreatureKind[] = creatureKinds.filter((kind) => kind !== 'ant' && kind !== 'bee');
