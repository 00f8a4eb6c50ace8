import type { Accounts, Notifier as AccountsNotifier } from '@breakwater/accounts';
import type { Notifier as CatalogNotifier } from '@breakwater/catalog';
import {
  AccountChanged,
  MembershipChanged,
  ProjectChanged,
  ScanPolicyChanged,
  SigningKeysChanged,
} from '@breakwater/contracts';
import { jobNotifier, type JobNotifier } from '@breakwater/jobs';
import { outboxWaker, type MessageBus } from '@breakwater/messaging';
import type { Notifier as ScanningNotifier } from '@breakwater/scanning';

/** What this process tells the others. Losing any of it costs the lifetime of a cache entry. */
export interface News extends AccountsNotifier, CatalogNotifier, ScanningNotifier, JobNotifier {
  /** The outbox has something to publish. */
  outboxFilled(): void;
}

export function newsOver(bus: MessageBus): News {
  return {
    ...jobNotifier(bus),
    scanPolicyChanged: (projectId) => bus.notify(ScanPolicyChanged, { projectId }),
    accountsChanged: (accountIds) => {
      for (const accountId of accountIds) bus.notify(AccountChanged, { accountId });
    },
    membersChanged: (projectIds) => {
      for (const projectId of projectIds) bus.notify(MembershipChanged, { projectId, accountId: null });
    },
    signingKeysChanged: () => bus.notify(SigningKeysChanged, {}),
    projectsChanged: (names) => {
      for (const name of names) bus.notify(ProjectChanged, { name, projectId: null });
    },
    outboxFilled: outboxWaker(bus),
  };
}

/** For a process that is alone. */
export const NOBODY: News = {
  accountsChanged: () => undefined,
  membersChanged: () => undefined,
  signingKeysChanged: () => undefined,
  projectsChanged: () => undefined,
  scanPolicyChanged: () => undefined,
  stopRequested: () => undefined,
  workWaiting: () => undefined,
  outboxFilled: () => undefined,
};

/**
 * What the others tell ends what this process remembers, at once instead of when it has grown old. Of projects it
 * remembers nothing.
 */
export function listenToNews(bus: MessageBus, accounts: Accounts): void {
  bus.onNotice(AccountChanged, ({ accountId }) => accounts.onNotice.accountsChanged([accountId]));
  bus.onNotice(MembershipChanged, ({ projectId }) => accounts.onNotice.membersChanged([projectId]));
  bus.onNotice(SigningKeysChanged, () => accounts.onNotice.signingKeysChanged());
  // What was told while NATS was away is lost.
  bus.onUp(() => accounts.forgetAll());
}
