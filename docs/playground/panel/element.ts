/** Makes an element with its properties and what it contains. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

/** Puts a style sheet into the page, once. */
export function addStyle(id: string, text: string): void {
  if (!document.getElementById(id)) document.head.append(element('style', { id }, text));
}
