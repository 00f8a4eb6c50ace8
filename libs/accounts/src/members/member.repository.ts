import type { Database, Transaction } from '@breakwater/database';
import type { RoleId } from '@breakwater/rbac';
import { isRowId } from '../row-id.js';
import type { Member, MemberPage } from './member.js';

/** Account ids with the project, as rows ask for roles. */
export interface MembershipKey {
  readonly accountId: number;
  readonly projectId: number;
}

export class MemberRepository {
  constructor(private readonly database: Database) {}

  async find(projectId: number, memberId: number): Promise<Member | null> {
    if (!isRowId(memberId)) return null;
    const [member] = await this.database.rows<Member>(`${SELECT} WHERE member.project_id = $1 AND member.id = $2`, [
      projectId,
      memberId,
    ]);
    return member ?? null;
  }

  /** By name. @param entityName  exactly this name, when it is not null. */
  async list(
    projectId: number,
    { entityName, limit, offset }: { entityName: string | null; limit: number | null; offset: number },
  ): Promise<MemberPage> {
    const condition = 'WHERE member.project_id = $1 AND ($2::text IS NULL OR account.username = $2)';
    const [items, counted] = await Promise.all([
      this.database.rows<Member>(`${SELECT} ${condition} ORDER BY account.username, member.id LIMIT $3 OFFSET $4`, [
        projectId,
        entityName,
        limit,
        offset,
      ]),
      this.database.rows<{ total: number }>(`SELECT count(*)::integer AS total ${FROM} ${condition}`, [
        projectId,
        entityName,
      ]),
    ]);
    return { items, total: counted[0]?.total ?? 0 };
  }

  async countByRole(projectId: number): Promise<ReadonlyMap<RoleId, number>> {
    const rows = await this.database.rows<{ roleId: RoleId; members: number }>(
      `SELECT role_id AS "roleId", count(*)::integer AS members FROM project_member WHERE project_id = $1 GROUP BY role_id`,
      [projectId],
    );
    return new Map(rows.map((row) => [row.roleId, row.members]));
  }

  /** One row for each of the asked pairs that is a membership. */
  listRoles(asked: readonly MembershipKey[]): Promise<(MembershipKey & { roleId: RoleId })[]> {
    return this.database.rows(LIST_ROLES, [asked.map((key) => key.accountId), asked.map((key) => key.projectId)]);
  }

  async listProjectIds(accountId: number): Promise<number[]> {
    const rows = await this.database.rows<{ projectId: number }>(
      `SELECT project_id AS "projectId" FROM project_member WHERE entity_type = 'u' AND entity_id = $1 ORDER BY 1`,
      [accountId],
    );
    return rows.map((row) => row.projectId);
  }

  /**
   * Holds the account until the end of the transaction, so that it is not deleted while it becomes a member.
   * @param by  the id, or the user name.
   */
  async findAccountForMembership(tx: Transaction, by: number | string): Promise<{ id: number; name: string } | null> {
    if (typeof by === 'number' && !isRowId(by)) return null;
    const column = typeof by === 'number' ? 'id' : 'username';
    const [account] = await tx.rows<{ id: number; name: string }>(
      `SELECT id, username AS name FROM account WHERE ${column} = $1 AND deleted_at IS NULL FOR SHARE`,
      [by],
    );
    return account ?? null;
  }

  async insert(tx: Transaction, projectId: number, accountId: number, roleId: RoleId): Promise<number> {
    const [row] = await tx.rows<{ id: number }>(
      `INSERT INTO project_member (project_id, entity_type, entity_id, role_id) VALUES ($1, 'u', $2, $3) RETURNING id`,
      [projectId, accountId, roleId],
    );
    return row?.id ?? 0;
  }

  /** @returns the member as it was, or null. */
  async findForUpdate(tx: Transaction, projectId: number, memberId: number): Promise<Member | null> {
    if (!isRowId(memberId)) return null;
    const [member] = await tx.rows<Member>(
      `${SELECT} WHERE member.project_id = $1 AND member.id = $2 FOR UPDATE OF member`,
      [projectId, memberId],
    );
    return member ?? null;
  }

  async setRole(tx: Transaction, memberId: number, roleId: RoleId): Promise<void> {
    await tx.execute('UPDATE project_member SET role_id = $2, updated_at = now() WHERE id = $1', [memberId, roleId]);
  }

  async delete(tx: Transaction, memberId: number): Promise<void> {
    await tx.execute('DELETE FROM project_member WHERE id = $1', [memberId]);
  }
}

const FROM = `FROM project_member member JOIN account ON member.entity_type = 'u' AND account.id = member.entity_id`;

const SELECT = `
  SELECT member.id, member.project_id AS "projectId", member.entity_type AS "entityType",
         member.entity_id AS "entityId", account.username AS "entityName", member.role_id AS "roleId",
         member.created_at AS "createdAt", member.updated_at AS "updatedAt" ${FROM}`;

const LIST_ROLES = {
  name: 'accounts.list-roles',
  text: `
    SELECT asked.account_id AS "accountId", asked.project_id AS "projectId", member.role_id AS "roleId"
    FROM unnest($1::integer[], $2::integer[]) AS asked (account_id, project_id)
    JOIN project_member member
      ON member.project_id = asked.project_id AND member.entity_type = 'u' AND member.entity_id = asked.account_id`,
};
