/** mathjs, for programs in the playground. */
export * from 'mathjs';
