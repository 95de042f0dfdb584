/**
 * A graph in the DOT language as SVG text, without a background. graphviz, as WebAssembly, is loaded at the first call.
 * @since 28
 */
export async function renderDot(dot: string): Promise<string> {
  const { renderGraphFromSource } = await import('graphviz-cli');
  // graphviz knows how wide ASCII is, and no more: signs like θ are played by wide letters that the graph does not use.
  const free = [...'HNUVKAXYBRDCGQOZ%@MW'].filter((letter) => !dot.includes(letter));
  const cast = new Map([...new Set(dot.match(/\P{ASCII}/gu))].map((sign) => [sign, free.shift() ?? sign]));
  const signs = new Map([...cast].map(([sign, letter]) => [letter, sign]));
  const input = dot.replace(/\P{ASCII}/gu, (sign) => cast.get(sign) ?? sign);
  const svg = await renderGraphFromSource({ input }, { format: 'svg' });
  const unmask = (text: string): string => text.replace(/./gu, (letter) => signs.get(letter) ?? letter);
  const drawing = svg.slice(svg.indexOf('<svg')).replace(/(width|height)="(\d+)pt"/g, '$1="$2"'); // as large as its viewBox
  return drawing.replace(/[^>]*<\/text>/g, unmask);
}
