import { formatManifest, openZip, writeFileSafely } from '../dezero/io';

// Writes dezero/io/hymenoptera.ts, by which the downloaded photos are checked:
//   npx ts-node tools/makeManifest.ts path/to/hymenoptera_data.zip

async function main(): Promise<void> {
  const [from, to = 'dezero/io/hymenoptera.ts'] = process.argv.slice(2);
  if (!from) throw new Error('usage: npx ts-node tools/makeManifest.ts hymenoptera_data.zip [to]');
  const zip = await openZip(from);
  const entries = zip.entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  await zip.close();
  let text = '';
  let width = Infinity;
  for (const item of formatManifest(entries).split('|')) {
    const fits = width + 1 + item.length < 120;
    if (text !== '') text += '|';
    text += fits ? item : `\n${item}`;
    width = fits ? width + 1 + item.length : item.length;
  }
  const title = `/** Name, size and CRC-32 of the ${entries.length} files in hymenoptera_data.zip; made by tools/makeManifest.ts. @since 51 */`;
  await writeFileSafely(to, new TextEncoder().encode(`${title}\nexport const hymenoptera = \`${text}\n\`;\n`));
  console.log(`${entries.length} files listed in ${to}`);
}

if (require.main === module) void main();
