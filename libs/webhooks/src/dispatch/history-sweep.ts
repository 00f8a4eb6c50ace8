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
    for (const policy of await this.listPolicies()) gone += await this.sweep(policy);
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

  /** Page by page from the oldest, past what is still queued, until all that follow are too young to go. */
  private async sweep(history: HistoryOf): Promise<number> {
    let gone = 0;
    for (let afterId = 0; !this.stopping.signal.aborted;) {
      const page = await this.sweepPage(history, afterId);
      gone += page.gone;
      if (page.lastId === null || !page.hasOld) break;
      afterId = page.lastId;
    }
    return gone;
  }

  /** What is queued is kept, also of a policy that is gone: the dispatcher ends it first. */
  private async sweepPage({ policyId, isGone, firstSurplusId }: HistoryOf, afterId: number): Promise<SweptPage> {
    const [page] = await this.database.rows<SweptPage>(
      `WITH page AS (
         SELECT id, ended_at, $3 OR id <= $4 OR created_at < now() - make_interval(secs => $5) AS is_old,
                $3 OR id <= $4 OR ended_at < now() - make_interval(secs => $5) AS may_go
           FROM webhook_delivery WHERE policy_id = $1 AND id > $2 ORDER BY id LIMIT $6
       ), gone AS (
         DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM page WHERE ended_at IS NOT NULL AND may_go) RETURNING 1
       )
       SELECT max(id)::float8 AS "lastId", coalesce(bool_or(is_old), false) AS "hasOld",
              (SELECT count(*)::integer FROM gone) AS gone
         FROM page`,
      [policyId, afterId, isGone, firstSurplusId, this.options.keepSeconds, BATCH],
    );
    return page ?? { lastId: null, hasOld: false, gone: 0 };
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

interface SweptPage {
  /** Null: there was nothing any more. */
  readonly lastId: number | null;
  /** Something in it is old enough, whether it went or is still queued: there may be more behind it. */
  readonly hasOld: boolean;
  readonly gone: number;
}
