import { RepositoryName } from '@breakwater/oci';

/** What a registry token can allow on a repository. Closed: a new verb of /v2 must be mapped to one of these. */
export type RegistryAction = 'pull' | 'push' | 'delete';

/** Canonical order, also in challenges: clients compare the text. */
export const REGISTRY_ACTIONS = ['pull', 'push', 'delete'] as const satisfies readonly RegistryAction[];

export interface RepositoryAccess {
  readonly type: 'repository';
  readonly name: RepositoryName;
  /** Distinct, in canonical order. */
  readonly actions: readonly RegistryAction[];
}

/** The list of all repositories, `registry:catalog:*`. */
export interface CatalogAccess {
  readonly type: 'registry';
  readonly name: 'catalog';
  readonly actions: readonly ['*'];
}

/** One entry of a token's `access` claim; as a request: what is asked for. */
export type TokenAccess = RepositoryAccess | CatalogAccess;

/** More scopes than any client sends; with it the answer with the token stays below the 64 KiB that clients read. */
export const MAX_SCOPES = 64;

/**
 * Reads the `scope` parameters of a token request. Never throws: what cannot be granted is left out.
 *
 * @param values  one string or several, each of them space-separated `type[(class)]:name:action[,action]`.
 *   The name may hold `:`, so the type ends at the first colon and the actions begin after the last.
 * @returns one entry per name, its actions united; at most `MAX_SCOPES`. Unknown types, names that no repository can
 *   have, unknown actions and entries without any action are dropped. `*` asks for every action.
 * @see distribution, "Token Scope Documentation".
 */
export function parseScopes(values: string | readonly string[] | null | undefined): TokenAccess[] {
  const texts = typeof values === 'string' ? [values] : (values ?? []);
  const asked = new Map<string, TokenAccess>();
  for (const text of texts) {
    for (const scope of text.split(/\s+/)) {
      const access = parseScope(scope);
      if (access) addTo(asked, access);
      if (asked.size >= MAX_SCOPES) return [...asked.values()];
    }
  }
  return [...asked.values()];
}

/**
 * What a token may carry: asked ∩ allowed, name by name and action by action. Entries that lose every action vanish;
 * an empty answer is a valid token, not an error.
 */
export function grant(asked: readonly TokenAccess[], allowed: readonly TokenAccess[]): TokenAccess[] {
  return asked.flatMap((wanted): TokenAccess[] => {
    if (wanted.type === 'registry') return allowed.some((each) => each.type === 'registry') ? [wanted] : [];
    const actions = wanted.actions.filter((action) => allows(allowed, wanted.name, action));
    return actions.length === 0 ? [] : [{ type: 'repository', name: wanted.name, actions }];
  });
}

/** Does this access allow `action` on the repository of exactly this name? */
export function allows(access: readonly TokenAccess[], name: RepositoryName, action: RegistryAction): boolean {
  return access.some((each) => each.type === 'repository' && each.name === name && each.actions.includes(action));
}

export function allowsCatalog(access: readonly TokenAccess[]): boolean {
  return access.some((each) => each.type === 'registry');
}

/** The text for a challenge: `repository:team/app:pull,push`; several are separated by a space. */
export function formatScopes(access: readonly TokenAccess[]): string {
  return access.map((each) => `${each.type}:${each.name}:${each.actions.join(',')}`).join(' ');
}

function parseScope(scope: string): TokenAccess | null {
  const first = scope.indexOf(':');
  const last = scope.lastIndexOf(':');
  if (first < 0 || first === last) return null;
  const type = withoutClass(scope.slice(0, first));
  const name = scope.slice(first + 1, last);
  const actions = scope.slice(last + 1).split(',');
  if (type === 'registry' && name === 'catalog' && actions.includes('*')) return CATALOG;
  if (type !== 'repository' || !RepositoryName.is(name)) return null;
  const known = actions.includes('*') ? REGISTRY_ACTIONS : canonical(actions);
  return known.length === 0 ? null : { type, name, actions: known };
}

/** `repository(plugin)` means a repository, whatever its class. */
function withoutClass(type: string): string {
  const open = type.indexOf('(');
  return open > 0 && type.endsWith(')') ? type.slice(0, open) : type;
}

function addTo(asked: Map<string, TokenAccess>, access: TokenAccess): void {
  const key = `${access.type}:${access.name}`;
  const before = asked.get(key);
  if (before?.type === 'repository' && access.type === 'repository') {
    asked.set(key, { ...before, actions: canonical([...before.actions, ...access.actions]) });
  } else {
    asked.set(key, access);
  }
}

function canonical(actions: readonly string[]): RegistryAction[] {
  return REGISTRY_ACTIONS.filter((action) => actions.includes(action));
}

const CATALOG: CatalogAccess = { type: 'registry', name: 'catalog', actions: ['*'] };
