import { UniqueViolationError, type Database, type Queryable, type Transaction } from '@breakwater/database';
import type { ListPage, ListRequest } from '../list.js';
import { WebhookPolicyConflictError, WebhookPolicyNotFoundError } from '../webhooks.errors.js';
import type { WebhookNews } from '../webhook-news.js';
import { checkPolicy } from './check-policy.js';
import { matchTargets } from './match-targets.js';
import type { PolicyRepository, PolicyRow, TargetRow } from './policy.repository.js';
import type { TargetSecrets } from './target-secrets.js';
import type { CheckedTarget, GivenPolicy, LastTrigger, WebhookPolicy, WebhookTarget } from './webhook-policy.js';

/** Whether secrets that a client can read back (`auth_header`) are wanted: only for who may change them. */
export interface Disclosure {
  readonly withSecrets: boolean;
}

/** The policies of projects. One is only ever reached through its own project. */
export class WebhookPolicyService {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly secrets: TargetSecrets,
    private readonly news: WebhookNews,
  ) {}

  async list(projectId: number, request: ListRequest, disclosure: Disclosure): Promise<ListPage<WebhookPolicy>> {
    const { items, total } = await this.policies.list(this.database, projectId, request);
    return { items: await this.withTargets(this.database, items, disclosure), total };
  }

  /** @throws WebhookPolicyNotFoundError */
  async get(projectId: number, id: number, disclosure: Disclosure): Promise<WebhookPolicy> {
    const row = await this.policies.find(this.database, projectId, id);
    const [policy] = row === null ? [] : await this.withTargets(this.database, [row], disclosure);
    if (policy === undefined) throw new WebhookPolicyNotFoundError(id);
    return policy;
  }

  /**
   * @param by  name of the principal, as for the other changes.
   * @returns its id.
   * @throws InvalidWebhookPolicyError, WebhookPolicyConflictError
   */
  async create(by: string, projectId: number, given: GivenPolicy): Promise<number> {
    const policy = checkPolicy(given);
    return this.named(policy.name, async (tx) => {
      const id = await this.policies.insert(tx, projectId, policy, by);
      await this.putTargets(tx, id, policy.targets, []);
      await this.news.created(tx, by, { id, projectId, name: policy.name });
      return id;
    });
  }

  /**
   * Replaces it, as Harbor does: what is left out is empty. Only signing secrets stay unless they are given.
   *
   * @throws InvalidWebhookPolicyError, WebhookPolicyConflictError, WebhookPolicyNotFoundError
   */
  async update(by: string, projectId: number, id: number, given: GivenPolicy): Promise<void> {
    const policy = checkPolicy(given);
    await this.named(policy.name, async (tx) => {
      await this.hold(tx, projectId, id);
      await this.policies.update(tx, id, policy);
      await this.putTargets(tx, id, policy.targets, await this.policies.listTargets(tx, [id]));
      await this.news.updated(tx, by, { id, projectId, name: policy.name });
    });
  }

  /** What is still to be delivered is not sent any more. @throws WebhookPolicyNotFoundError */
  async delete(by: string, projectId: number, id: number): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const policy = await this.hold(tx, projectId, id);
      await this.policies.delete(tx, id);
      await this.news.deleted(tx, by, policy);
    });
  }

  /** For every policy of the project and each of its event types. */
  listLastTriggers(projectId: number): Promise<LastTrigger[]> {
    return this.policies.listLastTriggers(this.database, projectId);
  }

  private async hold(tx: Transaction, projectId: number, id: number): Promise<PolicyRow> {
    const row = await this.policies.findForUpdate(tx, projectId, id);
    if (row === null) throw new WebhookPolicyNotFoundError(id);
    return row;
  }

  private async named<T>(name: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.database.unitOfWork.run(work);
    } catch (error) {
      if (error instanceof UniqueViolationError && error.constraint === 'webhook_policy_name')
        throw new WebhookPolicyConflictError(name, error);
      throw error;
    }
  }

  private async putTargets(
    tx: Transaction,
    policyId: number,
    given: readonly CheckedTarget[],
    known: readonly TargetRow[],
  ): Promise<void> {
    const matched = matchTargets(given, known);
    const fresh = await this.policies.newTargetIds(tx, matched.filter((id) => id === null).length);
    const rows = given.map((target, position) => {
      const id = matched[position] ?? fresh.shift() ?? 0;
      const before = known.find((each) => each.id === id);
      return { id, position, ...this.stored(id, target, before?.signingSecretSealed ?? null) };
    });
    await this.policies.putTargets(tx, policyId, rows);
  }

  private stored(id: number, target: CheckedTarget, signingSecretSealed: string | null) {
    const { type, address, isCertVerified, payloadFormat, authHeader, signingSecret } = target;
    return {
      type,
      address,
      isCertVerified,
      payloadFormat,
      authHeaderSealed: this.secrets.sealAuthHeader(id, authHeader),
      signingSecretSealed:
        signingSecret === null ? signingSecretSealed : this.secrets.sealSigningSecret(id, signingSecret),
    };
  }

  private async withTargets(from: Queryable, rows: readonly PolicyRow[], given: Disclosure): Promise<WebhookPolicy[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const targets = Map.groupBy(await this.policies.listTargets(from, ids), ({ policyId }) => policyId);
    return rows.map((row) => ({
      ...row,
      targets: (targets.get(row.id) ?? []).map((target) => this.shown(target, given)),
    }));
  }

  private shown(target: TargetRow, { withSecrets }: Disclosure): WebhookTarget {
    const { id, type, address, isCertVerified, payloadFormat, signingSecretSealed } = target;
    const authHeader = withSecrets ? this.secrets.openAuthHeader(id, target) : null;
    return { type, address, isCertVerified, payloadFormat, authHeader, isSigned: signingSecretSealed !== null };
  }
}
