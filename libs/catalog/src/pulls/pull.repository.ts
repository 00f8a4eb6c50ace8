import { ArtifactPulledV1, eventToTell } from '@breakwater/contracts';
import type { Database, Outbox, Transaction } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { NotedPulls } from './noted-pulls.js';

/** Where pulls are written down: counts of repositories, times of artifacts and tags, one event for them all. */
export class PullRepository {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** @param pulls  at most `ArtifactPulledV1.maxPulls`. What was deleted since is passed over. */
  async record(pulls: readonly NotedPulls[]): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const repositories = await countPulls(tx, pulls);
      const present = pulls.filter((one) => repositories.has(one.repositoryId));
      await markArtifacts(tx, present);
      await markTags(tx, present);
      if (present.length > 0) await this.outbox.add(tx, eventOf(present, repositories));
    });
  }
}

interface PulledRepository {
  readonly id: string;
  readonly project_id: number;
  readonly name: RepositoryName;
}

/** The repositories' locks come first, and in one order, like those of every other writer. */
async function countPulls(
  tx: Transaction,
  pulls: readonly NotedPulls[],
): Promise<ReadonlyMap<string, PulledRepository>> {
  const rows = await tx.rows<PulledRepository>(
    `WITH pulled AS (
       SELECT id, sum(count) AS count FROM unnest($1::bigint[], $2::bigint[]) AS one (id, count) GROUP BY id
     ), held AS MATERIALIZED (
       SELECT r.id FROM repository r JOIN pulled USING (id) ORDER BY r.id FOR NO KEY UPDATE OF r
     )
     UPDATE repository r SET pull_count = pull_count + pulled.count, updated_at = clock_timestamp()
     FROM held JOIN pulled USING (id) WHERE r.id = held.id
     RETURNING r.id, r.project_id, r.name`,
    [pulls.map((one) => one.repositoryId), pulls.map((one) => one.count)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** A pulled child refreshes the indexes that hold it, as in Harbor: retention by "last pulled" looks at those. */
async function markArtifacts(tx: Transaction, pulls: readonly NotedPulls[]): Promise<void> {
  await tx.execute(
    `WITH pulled AS (
       SELECT id, max(at) AS at FROM unnest($1::bigint[], $2::timestamptz[]) AS one (id, at) GROUP BY id
     ), touched AS (
       SELECT id, at FROM pulled
       UNION ALL
       SELECT r.artifact_id, pulled.at FROM artifact_reference r JOIN pulled ON r.child_id = pulled.id
     ), latest AS (
       SELECT id, max(at) AS at FROM touched GROUP BY id
     )
     UPDATE artifact a SET pulled_at = greatest(a.pulled_at, latest.at) FROM latest WHERE a.id = latest.id`,
    [pulls.map((one) => one.artifactId), pulls.map((one) => one.lastPulledAt)],
  );
}

/** A tag that was moved meanwhile is another tag: what was pulled is what it pointed at. */
async function markTags(tx: Transaction, pulls: readonly NotedPulls[]): Promise<void> {
  const tagged = pulls.filter((one) => one.tag !== null);
  await tx.execute(
    `WITH pulled AS (
       SELECT artifact_id, name, max(at) AS at
       FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS one (artifact_id, name, at)
       GROUP BY artifact_id, name
     )
     UPDATE tag t SET pulled_at = greatest(t.pulled_at, pulled.at) FROM pulled
     WHERE t.artifact_id = pulled.artifact_id AND t.name = pulled.name`,
    [tagged.map((one) => one.artifactId), tagged.map((one) => one.tag), tagged.map((one) => one.lastPulledAt)],
  );
}

function eventOf(pulls: readonly NotedPulls[], repositories: ReadonlyMap<string, PulledRepository>) {
  return eventToTell(ArtifactPulledV1, 'pulls', {
    pulls: pulls.flatMap(({ repositoryId, digest, tag, by, count, lastPulledAt }) => {
      const repository = repositories.get(repositoryId);
      if (repository === undefined) return [];
      const place = { projectId: repository.project_id, repository: repository.name };
      return [{ ...place, digest, tag, by, count, lastPulledAt: lastPulledAt.toISOString() }];
    }),
  });
}
