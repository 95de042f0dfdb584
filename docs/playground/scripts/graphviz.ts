/** graphviz-cli, as far as it is used: the library that it stands on, without a worker of its own. */
import open, { onmessage } from '@aduh95/viz.js/worker';
import wasmBinary from '@aduh95/viz.js/wasm';
import { hear } from './vizPort';

// It has the file's bytes, and looks for no file.
(open as unknown as (settings: object) => void)({ wasmBinary, locateFile: (name: string) => name });
let count = 0;

/** A graph in the DOT language, drawn. */
export function renderGraphFromSource({ input }: { readonly input: string }, { format = 'svg', engine = 'dot' } = {}): Promise<string> {
  const id = count++;
  const options = { format, engine, files: [], images: [], yInvert: false, nop: 0 };
  return new Promise((resolve, reject) => {
    hear(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result ?? '')));
    void onmessage({ data: { id, src: input, options } } as MessageEvent);
  });
} // prettier-ignore
