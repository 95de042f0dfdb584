/** Small questions about TypeScript's syntax tree, which the tools that cut and compare sources ask. */
import ts from 'typescript';

export type Binding =
  ts.ImportSpecifier | ts.ExportSpecifier | ts.NamespaceImport | ts.NamespaceExport | ts.ImportClause;

export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
}

/** The step that a node's docstring names with `@since`; null if it names none. */
export function sinceOf(node: ts.Node): number | null {
  const { text } = node.getSourceFile();
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const doc = comments.map(({ pos, end }) => text.slice(pos, end)).findLast((comment) => comment.startsWith('/**'));
  return Number(doc?.match(/@since (\d+)\b/)?.[1] ?? 0) || null;
}

/** What a statement, a member or a binding declares; nothing for a constructor, a call, `declare module`. */
export function namesOf(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isModuleDeclaration(node) || ts.isConstructorDeclaration(node)) return [];
  const { name } = node as ts.Node & { readonly name?: ts.Node };
  return name ? [name.getText()] : [];
}

function has(node: ts.Node, modifier: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some(({ kind }) => kind === modifier) ?? false);
}

export function isExported(node: ts.Node): boolean {
  return has(node, ts.SyntaxKind.ExportKeyword);
}

/** Written with `declare`. */
export function isDeclared(node: ts.Node): boolean {
  return has(node, ts.SyntaxKind.DeclareKeyword);
}

/** A private member of a class, written with `private` or `#`. */
export function isPrivate(node: ts.Node): boolean {
  if (!ts.isClassElement(node) || ts.isConstructorDeclaration(node)) return false;
  return has(node, ts.SyntaxKind.PrivateKeyword) || (node.name !== undefined && ts.isPrivateIdentifier(node.name));
}

/** The file that an import or a re-export names. */
export function specifierOf(node: ts.Node): string | null {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return null;
  return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : null;
}

/** The names that an import or an export list binds. */
export function bindingsOf(node: ts.Node): readonly Binding[] {
  const clause = ts.isImportDeclaration(node) ? node.importClause : ts.isExportDeclaration(node) && node.exportClause;
  if (!clause) return [];
  if (ts.isNamespaceExport(clause)) return [clause];
  if (ts.isNamedExports(clause)) return clause.elements;
  const { namedBindings } = clause;
  if (!namedBindings) return [clause];
  return ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements;
}

/** All classes and interfaces below a node, those in `declare module` too. */
export function typesIn(node: ts.Node): (ts.ClassDeclaration | ts.InterfaceDeclaration)[] {
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) return [node];
  if (ts.isModuleDeclaration(node)) return node.body ? typesIn(node.body) : [];
  return ts.isSourceFile(node) || ts.isModuleBlock(node) ? node.statements.flatMap(typesIn) : [];
}

/** A call at top level, such as `register({ sin, cos })`. */
export function callOf(node: ts.Node): ts.CallExpression | null {
  return ts.isExpressionStatement(node) && ts.isCallExpression(node.expression) ? node.expression : null;
}

/** `sin` and `cos` of `register({ sin, cos })`. */
export function shorthandsOf(node: ts.Node): readonly ts.ShorthandPropertyAssignment[] {
  const first = callOf(node)?.arguments[0];
  return first && ts.isObjectLiteralExpression(first) ? first.properties.filter(ts.isShorthandPropertyAssignment) : [];
}

/** What a word in the text does: it declares, names a declaration, or names a member of something. */
export function useOf(node: ts.Identifier | ts.PrivateIdentifier): 'declares' | 'name' | 'member' {
  const { parent } = node;
  if (ts.isPrivateIdentifier(node)) return 'member';
  if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) return parent.name === node ? 'member' : 'name'; // prettier-ignore
  if (ts.isQualifiedName(parent)) return parent.right === node ? 'member' : 'name';
  if (ts.isBindingElement(parent)) return parent.initializer === node ? 'name' : 'member'; // { text } reads x.text
  if (ts.isShorthandPropertyAssignment(parent) || ts.isExportSpecifier(parent)) return 'name';
  return (parent as ts.NamedDeclaration).name === node ? 'declares' : 'name';
}

/**
 * A node with the comments above it that belong to it: down from its docstring, or from where there is no empty line. Those above an
 * import may be the file's own, and stay.
 */
export function rangeOf(node: ts.Node): [from: number, to: number] {
  const { text } = node.getSourceFile();
  const above = specifierOf(node) === null ? (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) : [];
  let from = node.getStart();
  for (const { pos, end } of above.reverse()) {
    if (/\n\s*\n/.test(text.slice(end, from)) || text.startsWith('/**', from)) break;
    from = pos;
  }
  const to = ts.getTrailingCommentRanges(text, node.end)?.at(-1)?.end ?? node.end;
  return [text.slice(0, from).trimEnd().length, to];
}

/** An exchange of text. */
export type Edit = readonly [from: number, to: number, by: string];

export function applyEdits(text: string, edits: readonly Edit[]): string {
  const backwards = [...edits].sort(([a], [b]) => b - a);
  return backwards.reduce((all, [from, to, by]) => all.slice(0, from) + by + all.slice(to), text);
}
