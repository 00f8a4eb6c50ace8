import type { Principal } from '@breakwater/catalog';
import { actorName, type Actor } from '@breakwater/rbac';

/** The caller, as the catalog tells of it: the same key as in the data plane. */
export function principalOf(actor: Actor): Principal {
  return { key: keyOf(actor), name: actorName(actor) };
}

function keyOf(actor: Actor): string {
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
