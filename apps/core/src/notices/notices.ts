import type { Notifier as AccountsNotifier } from '@breakwater/accounts';
import type { Notifier as CatalogNotifier } from '@breakwater/catalog';

/** News for the caches of other processes; losing one costs at most the life of a cache entry. */
export interface Notices {
  readonly accounts: AccountsNotifier;
  readonly catalog: CatalogNotifier;
  /** The outbox has something to publish. */
  outboxFilled(): void;
}

/** Nobody to tell: without NATS, and in tests of one process. */
export const SILENT_NOTICES: Notices = {
  accounts: { accountsChanged: () => undefined, membersChanged: () => undefined, signingKeysChanged: () => undefined },
  catalog: { projectsChanged: () => undefined },
  outboxFilled: () => undefined,
};
