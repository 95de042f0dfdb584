/** What a program prints and draws, in its order. */
import type { Event } from '../protocol';
import { element } from './element';

const TYPES: Readonly<Record<string, string>> = { svg: 'image/svg+xml', png: 'image/png', gif: 'image/gif', jpg: 'image/jpeg' }; // prettier-ignore

export class Output {
  readonly element = element('div', { className: 'playground-output', role: 'log', tabIndex: 0, ariaLabel: 'What the program prints and draws' }); // prettier-ignore
  private text: HTMLPreElement | null = null;
  private readonly addresses: string[] = [];
  private readonly pictures = new Map<string, HTMLElement>();

  clear(): void {
    this.addresses.splice(0).forEach((address) => URL.revokeObjectURL(address));
    this.pictures.clear();
    this.text = null;
    this.element.replaceChildren();
  }

  add(events: readonly Event[]): void {
    for (const event of events) {
      if (event.kind === 'line') this.line(event.text, event.from);
      else this.file(event.name, event.bytes);
    }
  }

  line(text: string, from: string): void {
    if (!this.text) this.element.append((this.text = element('pre')));
    this.text.append(element('span', { className: from }, `${text}\n`));
  }

  private file(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    const type = TYPES[name.split('.').pop() ?? ''];
    if (type === 'image/png' && this.pictures.has(name.replace(/png$/, 'svg'))) return; // the same, once more
    const address = URL.createObjectURL(new Blob([bytes], { type: type ?? 'application/octet-stream' }));
    this.addresses.push(address);
    const link = element('a', { href: address, download: name.split('/').pop() ?? name }, name);
    const shown = type ? element('figure', {}, element('img', { src: address, alt: `${name}, as drawn by the program` }), element('figcaption', {}, link)) : element('p', {}, link); // prettier-ignore
    const earlier = this.pictures.get(name);
    this.pictures.set(name, shown);
    if (earlier) return earlier.replaceWith(shown);
    this.element.append(shown);
    this.text = null; // the next line stands below
  }
}
