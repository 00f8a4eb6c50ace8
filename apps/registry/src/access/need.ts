import type { RepositoryName } from '@breakwater/oci';
import type { RegistryAction, TokenAccess } from '@breakwater/rbac';

/** What a request needs to be let through. */
export type Need =
  /** To be somebody. */
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'catalog' }
  | {
      readonly kind: 'repository';
      readonly name: RepositoryName;
      readonly action: RegistryAction;
      /** An upload that is already open. */
      readonly isContinuation?: boolean;
      /** Where a blob is to be mounted from: named in the challenge, decided on live rights. */
      readonly mountFrom?: RepositoryName | null;
    };

/** What a token must allow for it, as challenges ask. Whoever pushes also reads, and clients ask for both at once. */
export function scopesFor(need: Need): TokenAccess[] {
  switch (need.kind) {
    case 'sign-in':
      return [];
    case 'catalog':
      return [{ type: 'registry', name: 'catalog', actions: ['*'] }];
    case 'repository': {
      const actions = need.action === 'push' ? PUSH : ([need.action] as const);
      const own: TokenAccess = { type: 'repository', name: need.name, actions };
      return need.mountFrom == null || need.mountFrom === need.name
        ? [own]
        : [own, { type: 'repository', name: need.mountFrom, actions: ['pull'] }];
    }
  }
}

const PUSH = ['pull', 'push'] as const;
