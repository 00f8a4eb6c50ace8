import { CachedLookup, type Database } from '@breakwater/database';
import { isSystemAdmin, type Actor, type RoleId } from '@breakwater/rbac';
import type { Clock } from '../ports.js';
import type { MemberRepository } from './member.repository.js';

/** Which projects a caller's lists may draw from. */
export type ReadableProjects = { readonly all: true } | { readonly projectIds: readonly number[] };

/**
 * The roles of a caller, for every decision. As they were at most `ttlMs` ago; after a notice, as they are now.
 * Robots and anonymous callers have none.
 */
export class MembershipLookup {
  private readonly lookup: CachedLookup<string, readonly RoleId[]>;

  constructor(
    private readonly repository: MemberRepository,
    private readonly database: Database,
    clock: Clock,
    ttlMs: number,
  ) {
    this.lookup = new CachedLookup({
      ttlMs,
      maxEntries: 100_000,
      maxBatch: 256,
      concurrency: 2,
      nowMs: () => clock.monotonicMs(),
      find: (keys) => this.readRoles(keys),
    });
  }

  /** For one decision on the hot path. A project that does not exist has no members. */
  rolesOf(actor: Actor, projectId: number): Promise<readonly RoleId[]> {
    return actor.kind === 'user' ? this.lookup.get(keyOf(actor.accountId, projectId)) : NO_ROLES;
  }

  /**
   * For one decision that must be on what is true now. Callers who ask at once for the same share one query, as they
   * share its answer with `rolesOf` afterwards.
   */
  latestRolesOf(actor: Actor, projectId: number): Promise<readonly RoleId[]> {
    if (actor.kind === 'user') this.lookup.forget(keyOf(actor.accountId, projectId));
    return this.rolesOf(actor, projectId);
  }

  /** For a page of projects; what is absent has no roles. Read anew. */
  async rolesIn(actor: Actor, projectIds: readonly number[]): Promise<ReadonlyMap<number, readonly RoleId[]>> {
    if (actor.kind !== 'user' || projectIds.length === 0) return new Map();
    const { accountId } = actor;
    const rows = await this.repository.listRoles(projectIds.map((projectId) => ({ accountId, projectId })));
    const roles = new Map<number, RoleId[]>();
    for (const { projectId, roleId } of rows) roles.set(projectId, [...(roles.get(projectId) ?? []), roleId]);
    return roles;
  }

  /** Projects that the caller is a member of, in ascending order. Read anew. */
  memberProjectIds(actor: Actor): Promise<readonly number[]> {
    return actor.kind === 'user' ? this.repository.listProjectIds(actor.accountId) : Promise.resolve([]);
  }

  /** Projects whose repositories the caller may read: its own and the public ones. Robots bring their own list. */
  async readableProjectIds(actor: Actor): Promise<ReadableProjects> {
    if (isSystemAdmin(actor) || actor.kind === 'system') return { all: true };
    const accountId = actor.kind === 'user' ? actor.accountId : null;
    const rows = await this.database.rows<{ id: number }>(
      `SELECT id FROM project WHERE is_public
       UNION
       SELECT project_id FROM project_member WHERE entity_type = 'u' AND entity_id = $1
       ORDER BY 1`,
      [accountId],
    );
    return { projectIds: rows.map((row) => row.id) };
  }

  /** On notice: somebody joined, left or got another role. */
  forgetProjects(projectIds: readonly number[]): void {
    const meant = new Set(projectIds);
    this.lookup.forgetWhere((key) => meant.has(projectIdOf(key)));
  }

  forgetAll(): void {
    this.lookup.forgetAll();
  }

  private async readRoles(keys: readonly string[]): Promise<(readonly RoleId[])[]> {
    const rows = await this.repository.listRoles(keys.map(parseKey));
    const roles = new Map<string, RoleId[]>();
    for (const { accountId, projectId, roleId } of rows) {
      const key = keyOf(accountId, projectId);
      roles.set(key, [...(roles.get(key) ?? []), roleId]);
    }
    return keys.map((key) => roles.get(key) ?? []);
  }
}

const NO_ROLES: Promise<readonly RoleId[]> = Promise.resolve([]);

function keyOf(accountId: number, projectId: number): string {
  return `${accountId}/${projectId}`;
}

function parseKey(key: string): { accountId: number; projectId: number } {
  const [accountId = 0, projectId = 0] = key.split('/').map(Number);
  return { accountId, projectId };
}

function projectIdOf(key: string): number {
  return parseKey(key).projectId;
}
