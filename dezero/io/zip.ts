import { Reader, Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter, type FileEntry } from '@zip.js/zip.js';
import { openFile } from '#files';
import { DataError } from '../backends/errors';
import { crc32 } from './crc32';
import type { Source } from './source';

/** One file in a zip. @since 49 */
export interface ZipEntry {
  readonly name: string;
  /** Once unpacked, in bytes. @since 49 */
  readonly size: number;
  readonly crc32: number;
}

/** Lets zip.js read a source piece by piece. */
class SourceReader extends Reader<Source> {
  constructor(private readonly source: Source) {
    super(source);
    this.size = source.size;
  }
  override readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    return this.source.read(offset, length);
  }
}

/**
 * An open zip: the list of its files, each read when it is asked for.
 * @example
 * const zip = await openZip(
 *   bytesSource(await writeZip([['a.txt', new TextEncoder().encode('abc')]])),
 * );
 * zip.has('a.txt'); // → true
 * await zip.read('a.txt'); // → Uint8Array(3) [ 97, 98, 99 ]
 * @since 49
 */
export class ZipFile {
  /** Made by `openZip`. @since 49 */
  constructor(
    private readonly source: Source,
    private readonly files: ReadonlyMap<string, FileEntry>,
  ) {}

  /** What error messages call it. @since 49 */
  get name(): string {
    return this.source.name;
  }

  /** The files in it (folders have no entry of their own), in the order of the zip. @since 49 */
  get entries(): ZipEntry[] {
    return [...this.files].map(([name, file]) => ({ name, size: file.uncompressedSize, crc32: file.crc32 ?? 0 }));
  }

  /** True if it holds a file of this name. @since 49 */
  has(name: string): boolean {
    return this.files.has(name);
  }

  /** The bytes of one file, checked against its CRC-32. @throws DataError if it is missing or damaged. @since 49 */
  async read(name: string): Promise<Uint8Array> {
    const file = this.files.get(name);
    if (!file) throw new DataError(`${this.name}: there is no ${name} in this zip`);
    try {
      return (await this.readStored(file)) ?? (await file.getData(new Uint8ArrayWriter()));
    } catch (error) {
      throw new DataError(`${this.name}: ${name} in it cannot be read (${messageOf(error)}); fetch the zip again`);
    }
  }

  /**
   * A file that is stored as it is, in one read; null where that does not hold. Photos are stored so, and the general way
   * takes milliseconds for each.
   */
  private async readStored({ compressionMethod, encrypted, offset, uncompressedSize: size, crc32: sum }: FileEntry) {
    if (compressionMethod !== 0 || encrypted) return null;
    const head = await this.source.read(offset, 30); // the entry's local header, whose name and extra field vary in length
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    if (head.length < 30 || view.getUint32(0, true) !== 0x04034b50) return null;
    const bytes = await this.source.read(offset + 30 + view.getUint16(26, true) + view.getUint16(28, true), size);
    return bytes.length === size && crc32(bytes) === sum ? bytes : null;
  }

  /** Gives the file back. @since 49 */
  close(): Promise<void> {
    return this.source.close();
  }
}

/**
 * Opens a zip by its path, or over a source; only its list of files is read.
 * @throws DataError for no zip.
 * @example
 * await writeFileSafely(
 *   'texts.zip',
 *   await writeZip([['a.txt', new TextEncoder().encode('abc')]]),
 * );
 * const zip = await openZip('texts.zip');
 * await zip.read('a.txt'); // → Uint8Array(3) [ 97, 98, 99 ]
 * await zip.close();
 * @since 49
 */
export async function openZip(from: string | Source): Promise<ZipFile> {
  const source = typeof from === 'string' ? await openFile(from) : from;
  try {
    // Names are only looked up, never unpacked to disk, so any name will do.
    const options = { useWebWorkers: false, checkCrc32: true, filenameValidation: 'tolerant' } as const;
    const list = await new ZipReader(new SourceReader(source), options).getEntries();
    const files = list.filter((entry): entry is FileEntry => !entry.directory);
    return new ZipFile(source, new Map(files.map((file) => [file.filename, file])));
  } catch (error) {
    if (source !== from) await source.close();
    throw new DataError(`${source.name}: not a zip file, or cut off (${messageOf(error)}); fetch it again`);
  }
}

/**
 * A zip of these files, not compressed; the same files give the same bytes.
 * @example
 * const bytes = await writeZip([['a.txt', new TextEncoder().encode('abc')]]);
 * (await openZip(bytesSource(bytes))).has('a.txt'); // → true
 * @since 49
 */
export async function writeZip(files: Iterable<readonly [name: string, bytes: Uint8Array]>): Promise<Uint8Array> {
  const fixed = { level: 0, useWebWorkers: false, dataDescriptor: false, extendedTimestamp: false } as const;
  const writer = new ZipWriter(new Uint8ArrayWriter(), { ...fixed, lastModDate: new Date(1980, 0, 1) });
  for (const [name, bytes] of files) await writer.add(name, new Uint8ArrayReader(bytes));
  return writer.close();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
