/** What one state of the package offers that an earlier one did not. */
import ts from 'typescript';
import type { Sources } from './sources';
import { isExported, isPrivate, namesOf, parse, typesIn } from './syntax';

/** A name that the package offers. */
export interface Offer {
  /** The file, by its path from `dezero/`. */
  readonly at: string;
  /** `sin`, or `Variable.backward`. */
  readonly name: string;
  readonly kind: 'value' | 'member' | 'type';
  /** Of a member: whose it is. */
  readonly owner: string | null;
}

/** What the package offers and did not before: what is more than a type, then members of what was there, then types. */
export function gainedBy(sources: Sources, before: Sources): Offer[] {
  const changed = [...sources].filter(([at, text]) => before.get(at) !== text && !at.startsWith('backends/'));
  const offers = changed.flatMap(([at, text]) => {
    const old = new Set(offersOf(at, before.get(at) ?? '').map(({ name }) => name));
    return offersOf(at, text).filter(({ name, owner }) => !old.has(name) && (owner === null || !isNew(owner)));
  });
  function isNew(owner: string): boolean {
    return ![...before].some(([at, text]) => text.includes(owner) && offersOf(at, text).some(({ name }) => name === owner)); // prettier-ignore
  }
  const rank = { value: 0, member: 1, type: 2 };
  const sorted = offers.sort((a, b) => rank[a.kind] - rank[b.kind]);
  return sorted.filter(({ name }, i) => sorted.findIndex((one) => one.name === name) === i);
}

function offersOf(at: string, text: string): Offer[] {
  const isType = (one: ts.Node) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one);
  return parse(at, text).statements.flatMap((one): Offer[] => {
    const exported = isExported(one) ? namesOf(one) : [];
    const types = isExported(one) || ts.isModuleDeclaration(one) ? typesIn(one) : [];
    const members = types.flatMap(({ name, members: its }) =>
      (its as readonly ts.Node[]).filter((member) => !isPrivate(member)).flatMap(namesOf).map((member) => [name?.text ?? '', member] as const)); // prettier-ignore
    return [
      ...exported.map((name): Offer => ({ at, name, kind: isType(one) ? 'type' : 'value', owner: null })),
      ...members.map(([owner, member]): Offer => ({ at, name: `${owner}.${member}`, kind: 'member', owner })),
    ];
  });
}
