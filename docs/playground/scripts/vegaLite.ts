/** vega-lite, for programs in the playground. */
export * from 'vega-lite';
