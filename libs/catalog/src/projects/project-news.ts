import {
  eventToTell,
  ProjectAllowlistChangedV1,
  ProjectCreatedV1,
  ProjectDeletedV1,
  ProjectUpdatedV1,
} from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { CveAllowlist } from '@breakwater/domain';
import type { Clock, Notifier, Principal } from '../ports.js';

/** Tells of changes to projects: an event with the transaction, a notice after it. Called under the project's lock. */
export class ProjectNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  created(tx: Transaction, by: Principal, project: NamedProject): Promise<void> {
    return this.tell(tx, ProjectCreatedV1, by, project);
  }

  updated(tx: Transaction, by: Principal, project: NamedProject): Promise<void> {
    return this.tell(tx, ProjectUpdatedV1, by, project);
  }

  deleted(tx: Transaction, by: Principal, project: NamedProject): Promise<void> {
    return this.tell(tx, ProjectDeletedV1, by, project);
  }

  /** Nothing is told of a list that is the same as before. */
  async allowlistSet(
    tx: Transaction,
    by: Principal,
    { id, name }: NamedProject,
    before: CveAllowlist,
    after: CveAllowlist,
  ): Promise<void> {
    const added = after.cveIds.filter((cveId) => !before.cveIds.includes(cveId));
    const removed = before.cveIds.filter((cveId) => !after.cveIds.includes(cveId));
    const isSameEnd = before.expiresAt?.getTime() === after.expiresAt?.getTime();
    if (added.length === 0 && removed.length === 0 && isSameEnd) return;
    const expiresAt = after.expiresAt?.toISOString() ?? null;
    const payload = { projectId: id, name, added, removed, expiresAt, by: by.name, at: this.clock.now().toISOString() };
    await this.outbox.add(tx, eventToTell(ProjectAllowlistChangedV1, `project:${id}`, payload));
  }

  private async tell(tx: Transaction, event: ProjectEvent, by: Principal, { id, name }: NamedProject): Promise<void> {
    const payload = { projectId: id, name, by: by.name, at: this.clock.now().toISOString() };
    await this.outbox.add(tx, eventToTell(event, `project:${id}`, payload));
    tx.onCommit(() => this.notifier.projectsChanged([name]));
  }
}

type ProjectEvent = typeof ProjectCreatedV1 | typeof ProjectUpdatedV1 | typeof ProjectDeletedV1;

export interface NamedProject {
  readonly id: number;
  readonly name: string;
}
