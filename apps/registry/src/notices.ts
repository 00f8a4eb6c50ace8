import type { Accounts, Notifier as AccountsNotifier } from '@breakwater/accounts';
import type { Catalog, Notifier as CatalogNotifier } from '@breakwater/catalog';
import {
  AccountChanged,
  MembershipChanged,
  ProjectChanged,
  ScanPolicyChanged,
  SigningKeysChanged,
} from '@breakwater/contracts';
import type { MessageBus } from '@breakwater/messaging';
import type { VulnerabilityGate } from '@breakwater/scanning';

/** What this process tells the others. Losing any of it costs the lifetime of a cache entry. */
export function notifierOf(bus: MessageBus): AccountsNotifier & CatalogNotifier {
  return {
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
  };
}

/** What the others tell ends what this process remembers, at once instead of when it has grown old. */
export function listenToNotices(
  bus: MessageBus,
  catalog: Catalog,
  accounts: Accounts,
  vulnerabilities: VulnerabilityGate,
): void {
  bus.onNotice(ProjectChanged, ({ name }) => {
    catalog.projects.forget(name);
    // Its allowlist, by an id that the notice need not know.
    vulnerabilities.forgetAll();
  });
  bus.onNotice(ScanPolicyChanged, ({ projectId }) => vulnerabilities.forget(projectId));
  bus.onNotice(AccountChanged, ({ accountId }) => accounts.onNotice.accountsChanged([accountId]));
  bus.onNotice(MembershipChanged, ({ projectId }) => accounts.onNotice.membersChanged([projectId]));
  bus.onNotice(SigningKeysChanged, () => accounts.onNotice.signingKeysChanged());
  // What was told while NATS was away is lost. Projects and findings are believed for two seconds and need no more.
  bus.onUp(() => accounts.forgetAll());
}
