/**
 * An ESLint rule: whatever `dezero/` exports, and every class member, says in its docstring with `@since NN` which step (28 to 53) introduces it.
 * A member that overrides another, a constructor, the second of a getter and its setter, and a member of an interface that says nothing take
 * the step of what they belong to. The methods that `declare module` adds to a class are members of it. No member is older than its owner.
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
      older: '{{name}} is `@since {{step}}`, and what it belongs to comes later.',
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
    const checkMembers = (node, { owner = stepOf(node), silent = false } = {}) => {
      const seen = new Set();
      for (const member of node.body.body) {
        if (member.type === 'StaticBlock' || member.kind === 'constructor' || member.override) continue;
        if (member.accessibility === 'private' || member.key?.type === 'PrivateIdentifier') continue;
        const name = `${node.id?.name ?? 'class'}.${sourceCode.getText(member.key ?? member)}`;
        const step = stepOf(member);
        if (seen.has(name)) continue; // overloads and accessors: the first speaks for the rest
        seen.add(name);
        if (step || !silent) check(member, name, step);
        if (step < owner) context.report({ node: member, messageId: 'older', data: { name, step } });
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
        const { type } = node.declaration;
        if (type === 'ClassDeclaration') checkMembers(node.declaration, { owner: stepOf(node) });
        if (type === 'TSInterfaceDeclaration') checkMembers(node.declaration, { owner: stepOf(node), silent: true });
      },
      // `export { x }` of something declared above; `export { x } from './y'` is checked in ./y
      'Program > ExportNamedDeclaration[source=null] > ExportSpecifier'(node) {
        const name = node.local.name;
        const definition = context.sourceCode.getScope(node).set.get(name)?.defs[0];
        const statement = definition?.node.type === 'VariableDeclarator' ? definition.parent : definition?.node;
        if (statement && definition.type !== 'ImportBinding') check(node, name, stepOf(statement));
        if (statement?.type === 'ClassDeclaration') checkMembers(statement);
        if (statement?.type === 'TSInterfaceDeclaration') checkMembers(statement, { silent: true });
      },
      'Program > TSModuleDeclaration TSInterfaceDeclaration'(node) {
        checkMembers(node);
      },
    };
  },
};
