import type { Database } from '@breakwater/database';
import type { Logger } from '@breakwater/observability';
import { setTimeout as delay } from 'node:timers/promises';

export interface HistorySweepOptions {
  /** A delivery that ended longer ago goes. */
  readonly keepSeconds: number;
  /** Of one policy at most so many that ended are kept. */
  readonly keepPerPolicy: number;
  readonly intervalMs?: number;
}

/**
 * Takes away what nobody reads any more: deliveries that ended long ago, more than enough of one policy, and all of
 * policies that are gone. In small batches, by any number of replicas.
 */
export class HistorySweep {
  private readonly stopping = new AbortController();
  private finished: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly options: HistorySweepOptions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.finished = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.finished;
  }

  /** @returns how many deliveries went. */
  async runOnce(): Promise<number> {
    let gone = 0;
    for (const policy of await this.listPolicies()) {
      for (let count = BATCH; count === BATCH && !this.stopping.signal.aborted; gone += count)
        count = await this.sweep(policy);
    }
    return gone;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    const { intervalMs = MINUTE_MS } = this.options;
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const gone = await this.runOnce();
        if (gone > 0) this.logger.info('swept the history of webhooks', { deliveries: gone });
      } catch (error) {
        this.logger.warn('the history of webhooks could not be swept; trying again later', { error });
      }
    }
  }

  /** Those that have deliveries, by jumping through the index: gone ones too. */
  private listPolicies(): Promise<HistoryOf[]> {
    return this.database.rows<HistoryOf>(
      `WITH RECURSIVE told (policy_id) AS (
         (SELECT policy_id FROM webhook_delivery ORDER BY policy_id LIMIT 1)
         UNION ALL
         SELECT following.policy_id FROM told CROSS JOIN LATERAL (
           SELECT policy_id FROM webhook_delivery WHERE policy_id > told.policy_id ORDER BY policy_id LIMIT 1
         ) following
       )
       SELECT told.policy_id AS "policyId", policy.id IS NULL AS "isGone",
              coalesce((SELECT id FROM webhook_delivery WHERE policy_id = told.policy_id
                         ORDER BY id DESC OFFSET $1 LIMIT 1), 0)::float8 AS "firstSurplusId"
         FROM told LEFT JOIN webhook_policy policy ON policy.id = told.policy_id`,
      [this.options.keepPerPolicy],
    );
  }

  private sweep({ policyId, isGone, firstSurplusId }: HistoryOf): Promise<number> {
    // Ids grow with time, so the oldest of a policy come first and the look ends where they are young enough. What is
    // still queued is kept, also of a policy that is gone: the dispatcher ends it first.
    return this.database.unitOfWork.run((tx) =>
      tx.execute(
        `DELETE FROM webhook_delivery WHERE id IN (
           SELECT oldest.id FROM (
             SELECT id, ended_at FROM webhook_delivery WHERE policy_id = $1 ORDER BY id LIMIT $5
           ) oldest
            WHERE oldest.ended_at IS NOT NULL
              AND ($2 OR oldest.id <= $3 OR oldest.ended_at < now() - make_interval(secs => $4))
         )`,
        [policyId, isGone, firstSurplusId, this.options.keepSeconds, BATCH],
      ),
    );
  }
}

const BATCH = 1_000;
const MINUTE_MS = 60_000;

interface HistoryOf {
  readonly policyId: number;
  readonly isGone: boolean;
  /** The youngest that is one too many; 0 for none. */
  readonly firstSurplusId: number;
}
