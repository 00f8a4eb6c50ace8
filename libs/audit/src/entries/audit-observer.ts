import { ArtifactPushedV1 } from '@breakwater/contracts';
import type { OutboxEvent, OutboxObserver, Transaction } from '@breakwater/database';
import type { ProjectNames } from '../ports.js';
import type { AuditEntry } from './audit-entry.js';
import type { AuditEntryRepository } from './audit-entry.repository.js';
import { AUDIT_RULES, type AuditRule, type RuleContext } from './audit-rules.js';

/** What is told is what is written down, in the same transaction: no module knows of the audit log. */
export class AuditObserver implements OutboxObserver {
  constructor(
    private readonly entries: AuditEntryRepository,
    private readonly projects: ProjectNames,
  ) {}

  async observe(tx: Transaction, events: readonly OutboxEvent[]): Promise<void> {
    const context = this.contextOf(tx, events);
    const rows: AuditEntry[] = [];
    for (const { subject, payload } of events) {
      const rule = ruleOf(subject);
      if (rule !== null) rows.push(...(await rule(payload, context)));
    }
    this.entries.insert(tx, rows);
  }

  private contextOf(tx: Transaction, events: readonly OutboxEvent[]): RuleContext {
    const pushed = new Set(events.flatMap(tagsOfPush));
    return {
      projectName: async (projectId) => (await this.projects.findName(tx, projectId)) ?? `#${projectId}`,
      isOfPush: (repository, tag) => pushed.has(`${repository}:${tag}`),
    };
  }
}

/** Null for what is no event of the house: only tests tell such. */
function ruleOf(subject: string): AuditRule<object> | null {
  return Object.hasOwn(AUDIT_RULES, subject)
    ? (AUDIT_RULES[subject as keyof typeof AUDIT_RULES] as AuditRule<object>)
    : null;
}

function tagsOfPush({ subject, payload }: OutboxEvent): string[] {
  if (subject !== ArtifactPushedV1.subject) return [];
  const { repository, tags } = payload as ArtifactPushedV1;
  return tags.map((tag) => `${repository}:${tag}`);
}
