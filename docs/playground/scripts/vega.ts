/** vega, for programs in the playground. */
export * from 'vega';
