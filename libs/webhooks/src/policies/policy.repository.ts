import type { Queryable, Transaction } from '@breakwater/database';
import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';
import type { ListPage, ListRequest } from '../list.js';
import type { SealedSecrets } from './target-secrets.js';
import type { CheckedPolicy, LastTrigger } from './webhook-policy.js';

export interface PolicyRow {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  readonly description: string;
  readonly creator: string;
  readonly isEnabled: boolean;
  readonly eventTypes: EventType[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface TargetRow extends SealedSecrets {
  readonly id: number;
  readonly policyId: number;
  readonly position: number;
  readonly type: TargetType;
  readonly address: string;
  readonly isCertVerified: boolean;
  readonly payloadFormat: PayloadFormat | null;
}

/** A target of an enabled policy that wants a type of event. */
export interface Subscription {
  readonly projectId: number;
  readonly policyId: number;
  readonly targetId: number;
  readonly eventTypes: EventType[];
  readonly targetType: TargetType;
  readonly payloadFormat: PayloadFormat | null;
}

export class PolicyRepository {
  async find(from: Queryable, projectId: number, id: number): Promise<PolicyRow | null> {
    if (!isRowId(id)) return null;
    const where = 'WHERE policy.project_id = $1 AND policy.id = $2';
    const [row] = await from.rows<PolicyRow>(`SELECT ${COLUMNS} FROM webhook_policy policy ${where}`, [projectId, id]);
    return row ?? null;
  }

  /** Holds it until the end of the transaction. */
  async findForUpdate(tx: Transaction, projectId: number, id: number): Promise<PolicyRow | null> {
    if (!isRowId(id)) return null;
    const [row] = await tx.rows<PolicyRow>(
      `SELECT ${COLUMNS} FROM webhook_policy policy WHERE policy.project_id = $1 AND policy.id = $2 FOR UPDATE`,
      [projectId, id],
    );
    return row ?? null;
  }

  async list(from: Queryable, projectId: number, request: ListRequest): Promise<ListPage<PolicyRow>> {
    const params = [...(request.where?.params ?? [])];
    const bind = (value: number): string => `$${params.push(value)}`;
    const where = `WHERE ${request.where?.sql ?? 'TRUE'} AND policy.project_id = ${bind(projectId)}`;
    const counting = [...params];
    const orderBy = request.orderBy ?? 'policy.created_at DESC, policy.id DESC';
    const [items, counted] = await Promise.all([
      from.rows<PolicyRow>(
        `SELECT ${COLUMNS} FROM webhook_policy policy ${where} ORDER BY ${orderBy}
         LIMIT ${bind(request.limit)} OFFSET ${bind(request.offset)}`,
        params,
      ),
      from.rows<{ total: number }>(`SELECT count(*)::integer AS total FROM webhook_policy policy ${where}`, counting),
    ]);
    return { items, total: counted[0]?.total ?? 0 };
  }

  /** In their order. */
  listTargets(from: Queryable, policyIds: readonly number[]): Promise<TargetRow[]> {
    return from.rows<TargetRow>(
      `SELECT id, policy_id AS "policyId", position, type, address, is_cert_verified AS "isCertVerified",
              payload_format AS "payloadFormat", auth_header_sealed AS "authHeaderSealed",
              signing_secret_sealed AS "signingSecretSealed"
         FROM webhook_target WHERE policy_id = ANY ($1::integer[]) ORDER BY policy_id, position`,
      [policyIds],
    );
  }

  /** Targets of enabled policies of these projects. */
  listSubscriptions(
    from: Queryable,
    projectIds: readonly number[],
    types: readonly EventType[],
  ): Promise<Subscription[]> {
    return from.rows<Subscription>(LIST_SUBSCRIPTIONS, [projectIds, types]);
  }

  /** @throws UniqueViolationError */
  async insert(tx: Transaction, projectId: number, policy: CheckedPolicy, creator: string): Promise<number> {
    const [row] = await tx.rows<{ id: number }>(
      `INSERT INTO webhook_policy (project_id, name, description, creator, is_enabled, event_types)
       VALUES ($1, $2, $3, $4, $5, $6::text[]) RETURNING id`,
      [projectId, policy.name, policy.description, creator, policy.isEnabled, policy.eventTypes],
    );
    return row?.id ?? 0;
  }

  /** @throws UniqueViolationError */
  async update(tx: Transaction, id: number, policy: CheckedPolicy): Promise<void> {
    await tx.execute(
      `UPDATE webhook_policy SET name = $2, description = $3, is_enabled = $4, event_types = $5::text[], updated_at = now()
        WHERE id = $1`,
      [id, policy.name, policy.description, policy.isEnabled, policy.eventTypes],
    );
  }

  async delete(tx: Transaction, id: number): Promise<void> {
    await tx.execute('DELETE FROM webhook_policy WHERE id = $1', [id]);
  }

  /** Ids for targets that are about to be written. */
  async newTargetIds(tx: Transaction, count: number): Promise<number[]> {
    const rows = await tx.rows<{ id: number }>(
      `SELECT nextval(pg_get_serial_sequence('webhook_target', 'id'))::integer AS id FROM generate_series(1, $1)`,
      [count],
    );
    return rows.map(({ id }) => id);
  }

  /** Writes the targets of a policy as they shall be; others of it go. */
  async putTargets(tx: Transaction, policyId: number, targets: readonly Omit<TargetRow, 'policyId'>[]): Promise<void> {
    await tx.execute('DELETE FROM webhook_target WHERE policy_id = $1 AND id <> ALL ($2::integer[])', [
      policyId,
      targets.map(({ id }) => id),
    ]);
    for (const target of targets) {
      await tx.execute(
        `INSERT INTO webhook_target (id, policy_id, position, type, address, is_cert_verified, payload_format,
                                     auth_header_sealed, signing_secret_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE
            SET position = $3, type = $4, address = $5, is_cert_verified = $6, payload_format = $7,
                auth_header_sealed = $8, signing_secret_sealed = $9`,
        [
          target.id,
          policyId,
          target.position,
          target.type,
          target.address,
          target.isCertVerified,
          target.payloadFormat,
          target.authHeaderSealed,
          target.signingSecretSealed,
        ],
      );
    }
  }

  listLastTriggers(from: Queryable, projectId: number): Promise<LastTrigger[]> {
    return from.rows<LastTrigger>(
      `SELECT policy.name AS "policyName", type AS "eventType", policy.is_enabled AS "isEnabled",
              policy.created_at AS "createdAt", last.triggered_at AS "triggeredAt"
         FROM webhook_policy policy CROSS JOIN LATERAL unnest(policy.event_types) WITH ORDINALITY AS wanted (type, position)
         LEFT JOIN webhook_last_trigger last ON last.policy_id = policy.id AND last.event_type = type
        WHERE policy.project_id = $1 ORDER BY policy.name, position`,
      [projectId],
    );
  }
}

/** Asked for every event that is told. */
const LIST_SUBSCRIPTIONS = {
  name: 'webhooks.list-subscriptions',
  text: `SELECT policy.project_id AS "projectId", policy.id AS "policyId", target.id AS "targetId",
                policy.event_types AS "eventTypes", target.type AS "targetType", target.payload_format AS "payloadFormat"
           FROM webhook_policy policy JOIN webhook_target target ON target.policy_id = policy.id
          WHERE policy.project_id = ANY ($1::integer[]) AND policy.is_enabled AND policy.event_types && $2::text[]
          ORDER BY target.id`,
};

/** Ids are positive and fit the column; another one names nothing. */
function isRowId(id: number): boolean {
  return Number.isSafeInteger(id) && id > 0 && id < 2 ** 31;
}

const COLUMNS = `
  policy.id, policy.project_id AS "projectId", policy.name, policy.description, policy.creator,
  policy.is_enabled AS "isEnabled", policy.event_types AS "eventTypes", policy.created_at AS "createdAt",
  policy.updated_at AS "updatedAt"`;
