/** For shiki, the highlighter: members of a class, shown without their class, are coloured as if it stood around them. */
import type { MarkdownOptions } from 'vitepress';

type Transformer = NonNullable<MarkdownOptions['codeTransformers']>[number];

const AROUND = 'class Around {';

export const asMembers: Transformer = {
  name: 'as-members',
  preprocess(code) {
    return isMember(this.options.meta) ? `${AROUND}\n${code}\n}` : undefined;
  },
  tokens(lines) {
    return isMember(this.options.meta) ? lines.slice(1, -1) : undefined;
  },
};

/** The words behind a fence's language. */
function isMember(meta: { readonly __raw?: string } | undefined): boolean {
  return /\bmember\b/.test(meta?.__raw ?? '');
}
