/** How far a download is. @since 41 */
export interface DownloadProgress {
  /** The file's name. @since 41 */
  readonly name: string;
  /** Bytes so far, those of an earlier try included. @since 41 */
  readonly received: number;
  /** Bytes of the whole, if the server says so. @since 41 */
  readonly total: number | undefined;
}

/** Is told how far a download is, after each piece. @since 41 */
export type OnProgress = (progress: DownloadProgress) => void;

/** What to fetch, and where to. @since 41 */
export interface DownloadOptions {
  /** The final path; `path.part` holds what has come so far. @since 41 */
  readonly path: string;
  /** The address. @since 41 */
  readonly url: string;
  /** Throws if the file at the path it is given is not the expected one. @since 41 */
  readonly check?: ((file: string) => Promise<void>) | undefined;
  /** Called after each piece. @since 41 */
  readonly onProgress?: OnProgress | undefined;
  /** Milliseconds to wait for the next byte. @since 41 */
  readonly timeout?: number;
}

/** A file that is kept in the cache. @since 41 */
export interface CachedOptions {
  /** Its name in the cache folder. @since 41 */
  readonly file: string;
  /** The address. @since 41 */
  readonly url: string;
  /** Throws if the file at the path it is given is not the expected one. @since 41 */
  readonly check: (file: string) => Promise<void>;
  /** Called after each piece. @since 41 */
  readonly onProgress?: OnProgress | undefined;
}
