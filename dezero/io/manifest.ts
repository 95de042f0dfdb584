import { DataError } from '../backends/errors';
import { openZip, type ZipEntry } from './zip';

/**
 * The files of a zip as a text: a folder, then `name size crc32` of each file in it, all between bars.
 * @example
 * const zip = await openZip(
 *   bytesSource(
 *     await writeZip([['texts/a.txt', new TextEncoder().encode('abc')]]),
 *   ),
 * );
 * formatManifest(zip.entries); // → texts/|a.txt 3 352441c2
 * @since 50
 */
export function formatManifest(entries: readonly ZipEntry[]): string {
  const items: string[] = [];
  let folder = '';
  for (const { name, size, crc32 } of entries) {
    if (/[|`$\\\n]/.test(name)) throw new DataError(`'${name}': this file name does not fit a manifest`);
    const here = name.slice(0, name.lastIndexOf('/') + 1);
    if (here !== folder) items.push(here);
    folder = here;
    items.push(`${name.slice(here.length)} ${size} ${crc32.toString(16).padStart(8, '0')}`);
  }
  return items.join('|');
}

/**
 * The files that such a text lists, over any number of lines. @throws DataError for another text.
 * @example
 * parseManifest('texts/|a.txt 3 352441c2');
 * // → [ { name: 'texts/a.txt', size: 3, crc32: 891568578 } ]
 * @since 50
 */
export function parseManifest(text: string): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let folder = '';
  for (const item of text.split('|').map((each) => each.trim())) {
    const [, name, size, crc32] = /^(.+) (\d+) ([0-9a-f]{8})$/.exec(item) ?? [];
    if (name && size && crc32)
      entries.push({ name: `${folder}${name}`, size: Number(size), crc32: parseInt(crc32, 16) });
    else if (item.endsWith('/')) folder = item;
    else throw new DataError(`a manifest cannot hold '${item}'`);
  }
  return entries;
}

/**
 * Whether a zip holds the files of a manifest, whole: sizes and CRC-32, of the list and of the contents. Further files
 * in it do not matter.
 * @throws DataError naming the first that is missing, other or damaged, and how many are.
 * @example
 * const zip = await writeZip([
 *   ['texts/a.txt', new TextEncoder().encode('abc')],
 * ]);
 * await writeFileSafely('texts.zip', zip);
 * // all is well: no error
 * await checkZip('texts.zip', parseManifest('texts/|a.txt 3 352441c2'));
 * @since 50
 */
export async function checkZip(file: string, manifest: readonly ZipEntry[]): Promise<void> {
  const zip = await openZip(file);
  try {
    const there = new Map(zip.entries.map((entry) => [entry.name, entry]));
    const wrong = manifest.filter(({ name, size, crc32 }) => {
      const entry = there.get(name);
      return entry?.size !== size || entry.crc32 !== crc32;
    });
    if (wrong.length > 0) {
      throw new DataError(
        `${file}: ${wrong.length} of ${manifest.length} files are missing or other, first ${wrong[0]?.name}`,
      );
    }
    for (const { name } of manifest) await zip.read(name);
  } finally {
    await zip.close();
  }
}
