import { fetchPhotos, fetchWeights, findPhotos, findWeights } from '../io';
import { DataError } from '../ndarray';

/** What the reader names, or asks for. @since 51 */
export interface PhotosAndWeightsOptions {
  /** A folder or zip of photos, one folder a class. @since 51 */
  readonly data?: string | undefined;
  /** A file with the weights of a network that knows photos. @since 51 */
  readonly weights?: string | undefined;
  /** Whether to fetch what was not named and is not in the cache; default false. @since 51 */
  readonly fetch?: boolean | undefined;
}

/** Where photos lie, and the weights of a network that knows photos. @since 51 */
export interface PhotosAndWeights {
  readonly data: string;
  readonly weights: string;
}

/**
 * Where photos, and the weights of a network that knows photos, lie: what was named, else the published photos of ants and bees and
 * weights of SqueezeNet 1.0, from the cache or fetched. null if they are not at hand: then drawings must do.
 * @throws DataError if one of the two was named and the other is not at hand, or if they cannot be fetched.
 * @example
 * const found = await photosAndWeights(); // fetches nothing unless told to
 * found?.weights.endsWith('.pth') ?? 'drawings must do';
 * @since 51
 */
export async function photosAndWeights(options: PhotosAndWeightsOptions = {}): Promise<PhotosAndWeights | null> {
  const { data, weights, fetch = false } = options;
  const photos = data ?? (await (fetch ? fetchPhotos() : findPhotos()));
  const trained = weights ?? (await (fetch ? fetchWeights('squeezenet1_0') : findWeights('squeezenet1_0')));
  if (photos && trained) return { data: photos, weights: trained };
  if (data === undefined && weights === undefined) return null;
  throw new DataError(
    'photos need a network that knows photos: give both data and weights (--data, --weights), or --fetch',
  );
}
