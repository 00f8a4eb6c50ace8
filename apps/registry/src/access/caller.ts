import type { TokenIdentity } from '@breakwater/accounts';
import type { Principal } from '@breakwater/catalog';
import { actorName, type Actor } from '@breakwater/rbac';

/** Who asks, and by what right. */
export interface Caller {
  readonly actor: Actor;
  /** The same for every credential of one account: an upload is continued with any of them. */
  readonly principal: Principal;
  /** Null for Basic credentials, which allow all that the account may do. */
  readonly token: TokenIdentity | null;
}

export function callerOf(actor: Actor, token: TokenIdentity | null): Caller {
  return { actor, principal: { key: principalKey(actor), name: actorName(actor) }, token };
}

function principalKey(actor: Actor): string {
  switch (actor.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
      return `user:${actor.accountId}`;
    case 'robot':
      return `robot:${actor.robotId}`;
    case 'scanner':
      return `scanner:${actor.credentialId}`;
    case 'system':
      return `system:${actor.name}`;
  }
}
