/**
 * An ESLint rule: whatever `dezero/` exports, and every class member, says in its docstring with `@since NN` which step (28 to 53) introduces it.
 * A member that overrides another, a constructor and the second of a getter and its setter take the step of what they belong to.
 */
const FIRST = 28;
const LAST = 53;

/** @type {import('eslint').Rule.RuleModule} */
export const since = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      missing: '{{name}} needs a docstring with `@since NN`, the step that introduces it.',
      outside: '{{name}} is `@since {{step}}`; steps that grow the package are 28 to 53.',
    },
  },
  create(context) {
    const { sourceCode } = context;
    const stepOf = (node) => {
      const comment = sourceCode
        .getCommentsBefore(node)
        .findLast(({ type, value }) => type === 'Block' && value.startsWith('*'));
      return comment?.value.match(/@since (\d+)\b/)?.[1];
    };
    const check = (node, name, step) => {
      if (!step) context.report({ node, messageId: 'missing', data: { name } });
      else if (step < FIRST || step > LAST) context.report({ node, messageId: 'outside', data: { name, step } });
    };
    const checkMembers = (node) => {
      const seen = new Set();
      for (const member of node.body.body) {
        if (member.type === 'StaticBlock' || member.kind === 'constructor' || member.override) continue;
        if (member.accessibility === 'private' || member.key?.type === 'PrivateIdentifier') continue;
        const name = `${node.id?.name ?? 'class'}.${sourceCode.getText(member.key ?? member)}`;
        if (!seen.has(name)) check(member, name, stepOf(member)); // overloads and accessors: the first speaks for the rest
        seen.add(name);
      }
    };
    const namesOf = ({ id, declarations }) =>
      (declarations ?? [{ id }]).map(({ id }) => id.name ?? sourceCode.getText(id)).join(', ');
    const seen = new Set();

    return {
      'Program > ExportNamedDeclaration[declaration]'(node) {
        const name = namesOf(node.declaration);
        if (!seen.has(name)) check(node, name, stepOf(node));
        seen.add(name);
        if (node.declaration.type === 'ClassDeclaration') checkMembers(node.declaration);
      },
      // `export { x }` of something declared above; `export { x } from './y'` is checked in ./y
      'Program > ExportNamedDeclaration[source=null] > ExportSpecifier'(node) {
        const name = node.local.name;
        const definition = context.sourceCode.getScope(node).set.get(name)?.defs[0];
        const statement = definition?.node.type === 'VariableDeclarator' ? definition.parent : definition?.node;
        if (statement && definition.type !== 'ImportBinding') check(node, name, stepOf(statement));
        if (statement?.type === 'ClassDeclaration') checkMembers(statement);
      },
    };
  },
};
