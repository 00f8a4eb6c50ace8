import { ArtifactOverviews, catalogSchema, ScanTargets } from '@breakwater/catalog';
import { CreateOutbox1764000000000, Outbox, type Database } from '@breakwater/database';
import { createJobs, jobsSchema, type Jobs } from '@breakwater/jobs';
import { Digest, MediaType, type Reference } from '@breakwater/oci';
import { ScannerMediaType, type ScannerMetadata, type Vulnerability } from '@breakwater/scanner-spec';
import { createTestDatabase } from '@breakwater/testing';
import { createHash, randomBytes } from 'node:crypto';
import { createScanning, scanningSchema } from '../create-scanning.js';
import { createScans, type Scans } from '../create-scans.js';
import type { VulnerabilitySummaryJson } from '../reports/vulnerability-overview.js';
import type { RepositoryAddress } from '../scans/ports.js';
import { credentialHolderOf } from '../scans/scan-ends.js';
import { parseScanTask } from '../scans/scan-task.js';
import { TestClock } from './test-clock.js';

/** An artifact as it lies in the catalog, without its bytes. */
export interface TestArtifact {
  readonly id: number;
  readonly digest: Digest;
  readonly reference: Reference;
  readonly repository: RepositoryAddress;
}

/** A task that waits, with what it was told. */
export interface WaitingScan {
  readonly taskId: number;
  readonly reportId: number;
  readonly artifactId: number;
  readonly registrationId: number;
}

/** Scans over real tables; the adapters' side is played by the test. */
export interface ScanWorld {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly scans: Scans;
  /** Holders of credentials that were revoked. */
  readonly revoked: string[];
  addProject(): Promise<{ readonly id: number; readonly name: string }>;
  /** The first is the default. @returns its id. */
  addScanner(name: string): Promise<number>;
  chooseScanners(projectId: number, registrationIds: readonly number[]): Promise<void>;
  addImage(
    repository: RepositoryAddress,
    given?: { type?: string; layer?: string; subject?: Digest },
  ): Promise<TestArtifact>;
  addIndex(repository: RepositoryAddress, children: readonly TestArtifact[]): Promise<TestArtifact>;
  deleteArtifact(artifact: TestArtifact): Promise<void>;
  waiting(): Promise<WaitingScan[]>;
  /** As the handler does it, with what the scanner has found. */
  finish(scan: WaitingScan, items: readonly Vulnerability[]): Promise<void>;
  fail(scan: WaitingScan, status: 'Error' | 'Stopped'): Promise<void>;
  /** The one summary of an artifact; null for none. */
  overview(artifact: TestArtifact): Promise<VulnerabilitySummaryJson | null>;
  told(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export const METADATA: ScannerMetadata = {
  scanner: { name: 'Lens', vendor: 'Acme', version: '1.0' },
  capabilities: (['vulnerability', 'sbom'] as const).map((type) => ({
    type,
    consumes_mime_types: [MediaType.OciManifest, MediaType.DockerManifest],
    produces_mime_types: [type === 'sbom' ? ScannerMediaType.SBOM_REPORT : ScannerMediaType.GENERIC_REPORT],
  })),
  properties: {},
};

export async function createScanWorld(): Promise<ScanWorld> {
  const test = await createTestDatabase({
    entities: [],
    migrations: [
      CreateOutbox1764000000000,
      ...catalogSchema.migrations,
      ...jobsSchema.migrations,
      ...scanningSchema.migrations,
    ],
  });
  const database = await test.connect();
  const outbox = new Outbox();
  const jobs = createJobs({ database, outbox, onFailure });
  const revoked: string[] = [];
  const clock = new TestClock();
  const { scanners, adapters } = createScanning({
    database,
    outbox,
    sealer: { seal: (plain) => plain, open: (sealed) => sealed },
    client: { checkAddress: () => undefined, metadata: () => Promise.resolve(METADATA) },
    notifier: { scanPolicyChanged: () => undefined },
    clock,
  });
  const scans = createScans({
    database,
    outbox,
    scanners,
    adapters,
    clock,
    targets: new ScanTargets(),
    overviews: new ArtifactOverviews(),
    jobs: jobs.service,
    executions: jobs.reader,
    schedules: jobs.schedules,
    credentials: {
      async revokeAll(holders) {
        revoked.push(...holders);
      },
    },
  });
  let made = 0;
  const insert = async (sql: string, params: readonly (string | number | boolean | null | readonly string[])[]) => {
    const [row] = await database.rows<{ id: number | string }>(`${sql} RETURNING id`, params);
    return Number(row?.id);
  };
  const repositoryId = async ({ projectId, name }: RepositoryAddress): Promise<number> =>
    insert(
      `INSERT INTO repository (project_id, name, listed_at) VALUES ($1, $2, now())
       ON CONFLICT (name) DO UPDATE SET listed_at = now()`,
      [projectId, name],
    );
  const addArtifact = async (
    repository: RepositoryAddress,
    mediaType: string,
    given: { type?: string; subject?: Digest } = {},
  ): Promise<TestArtifact> => {
    const digest = Digest.of('sha256', createHash('sha256').update(randomBytes(16)).digest('hex'));
    const id = await insert(
      `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type,
                             manifest_size_bytes, size_bytes, subject_digest, subject_origin, accessory_type)
       VALUES ($1, $2, $3, $4, '', $5, 100, 1000, $6, $7, $8)`,
      [
        ...[repository.projectId, await repositoryId(repository), digest, given.type ?? 'IMAGE', mediaType],
        ...(given.subject ? [given.subject, 'manifest', 'subject.accessory'] : [null, null, null]),
      ],
    );
    return { id, digest, reference: { kind: 'digest', digest }, repository };
  };
  const addReference = (
    artifact: TestArtifact,
    role: string,
    mediaType: string,
    child: TestArtifact | null,
    position: number,
  ) =>
    database.rows(
      `INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, child_id)
       SELECT $1, $2, repository_id, $3, $4, $5, 1, $6 FROM artifact WHERE id = $1 RETURNING position`,
      [artifact.id, position, role, child?.digest ?? artifact.digest, mediaType, child?.id ?? null],
    );
  return {
    database,
    jobs,
    scans,
    revoked,
    async addProject() {
      const name = `project${++made}`;
      return { id: await insert('INSERT INTO project (name, owner_id) VALUES ($1, 1)', [name]), name };
    },
    addScanner: (name) =>
      insert(
        `INSERT INTO scanner_registration (name, url, is_default)
         SELECT $1, $2, NOT EXISTS (SELECT FROM scanner_registration)`,
        [name, `http://${name}.test`],
      ),
    async chooseScanners(projectId, registrationIds) {
      for (const [position, id] of registrationIds.entries())
        await database.rows('INSERT INTO project_scanner VALUES ($1, $2, $3) RETURNING position', [
          projectId,
          id,
          position,
        ]);
    },
    async addImage(repository, given = {}) {
      const artifact = await addArtifact(repository, MediaType.OciManifest, given);
      await addReference(artifact, 'layer', given.layer ?? MediaType.OciLayerGzip, null, 0);
      return artifact;
    },
    async addIndex(repository, children) {
      const index = await addArtifact(repository, MediaType.OciIndex);
      for (const [position, child] of children.entries())
        await addReference(index, 'child', MediaType.OciManifest, child, position);
      return index;
    },
    async deleteArtifact({ id }) {
      await database.rows('DELETE FROM artifact_reference WHERE artifact_id = $1 RETURNING position', [id]);
      await database.rows('DELETE FROM artifact WHERE id = $1 RETURNING id', [id]);
    },
    async waiting() {
      const rows = await database.rows<Record<'id' | 'report_id' | 'artifact_id' | 'registration_id', string>>(
        `SELECT task.id, report.id AS report_id, report.artifact_id, report.registration_id
         FROM task JOIN scan_report report ON report.task_id = task.id WHERE task.status = 'Pending' ORDER BY task.id`,
      );
      return rows.map((row) => ({
        taskId: Number(row.id),
        reportId: Number(row.report_id),
        artifactId: Number(row.artifact_id),
        registrationId: Number(row.registration_id),
      }));
    },
    async finish({ taskId, reportId, registrationId }, items) {
      const begun = await scans.ends.begin(taskId, reportId);
      if (begun === null) throw new Error('the scan is over');
      await scans.findings.add(reportId, registrationId, items);
      const totals = await scans.findings.totals(reportId);
      const changes = begun.previous === null ? null : await scans.findings.compare(reportId, begun.previous.id);
      const [task] = await database.rows<{ parameters: Record<string, unknown> }>(
        `UPDATE task SET status = 'Success' WHERE id = $1 RETURNING parameters`,
        [taskId],
      );
      await database.unitOfWork.run(async (tx) => {
        const outcome = {
          mediaType: ScannerMediaType.GENERIC_REPORT,
          scanner: { ...METADATA.scanner, name: `scanner ${registrationId}` },
          generatedAt: new Date('2026-11-01T00:00:00Z'),
          ...totals,
          changes,
          sbomDigests: null,
        };
        await scans.ends.complete(tx, begun, parseScanTask(task?.parameters ?? {}), outcome);
        await scans.ends.ended(tx, [
          { id: taskId, status: 'Success', statusMessage: '', parameters: task?.parameters ?? {} },
        ]);
      });
    },
    async fail({ taskId }, status) {
      const [task] = await database.rows<{ parameters: Record<string, unknown> }>(
        `UPDATE task SET status = $2 WHERE id = $1 RETURNING parameters`,
        [taskId, status],
      );
      const ended = { id: taskId, status, statusMessage: 'the reason', parameters: task?.parameters ?? {} };
      await database.unitOfWork.run((tx) => scans.ends.ended(tx, [ended]));
    },
    async overview({ id }) {
      const found = await new ArtifactOverviews().find(database, [id], 'vulnerability');
      return (Object.values(found.get(id) ?? {})[0] as VulnerabilitySummaryJson | undefined) ?? null;
    },
    async told() {
      const rows = await database.rows<{ payload: Record<string, unknown> }>(
        `SELECT payload FROM outbox_event WHERE subject = 'events.scanning.scan-finished.v1' ORDER BY id`,
      );
      return rows.map(({ payload }) => payload);
    },
    close: () => test.drop(),
  };
}

export { credentialHolderOf };

/** One finding. */
export function aFinding(id: string, severity: string, given: Partial<Vulnerability> = {}): Vulnerability {
  return { id, package: 'openssl', version: '1.0', severity, links: [], ...given };
}

/** A hook that throws is a mistake of the test. */
function onFailure(error: unknown): never {
  throw error;
}
