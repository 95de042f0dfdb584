declare module '@aduh95/viz.js/wasm' {
  const bytes: Uint8Array;
  export = bytes;
}
