import type { Database } from '@breakwater/database';
import { AppError } from '@breakwater/errors';
import type { Reference } from '@breakwater/oci';
import type { BlobStore } from '@breakwater/storage';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Artifact } from '../artifacts/artifact.js';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import type { ArtifactService } from '../artifacts/artifact.service.js';
import { type Addition, type AdditionName, additionsOf, isAdditionName } from './addition.js';
import { AdditionNotFoundError, AdditionUnreadableError, AdditionUnsupportedError } from './addition.errors.js';
import { findChartFile } from './chart-file.js';
import { buildHistory, chartDependencies } from './config-additions.js';

/** A larger config is data, not a description. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** A larger chart holds more than a chart. */
const MAX_CHART_BYTES = 16 * 1024 * 1024;
/** A larger one is pulled as the layer that it is. */
const MAX_SBOM_BYTES = 64 * 1024 * 1024;

/** What the inside of an artifact shows, read from its blobs when it is asked for. */
export class AdditionService {
  constructor(
    private readonly database: Database,
    private readonly store: BlobStore,
    private readonly artifacts: ArtifactService,
  ) {}

  /**
   * @param name  as the client wrote it.
   * @throws ManifestUnknownError, AdditionUnsupportedError, AdditionNotFoundError, AdditionUnreadableError
   */
  async get(repository: RepositoryAddress, reference: Reference, name: string): Promise<Addition> {
    const artifact = await this.artifacts.get(repository, reference);
    if (!isAdditionName(name) || !additionsOf(artifact).includes(name))
      throw new AdditionUnsupportedError(name, artifact.type);
    try {
      return await this.read(artifact, name);
    } catch (error) {
      if (error instanceof AdditionNotFoundError || error instanceof AdditionUnreadableError) throw error;
      // The database, or the storage: the content may be right.
      if (error instanceof AppError && error.kind === 'unavailable') throw error;
      const reason = 'the content is not what its media type says, or too large';
      throw new AdditionUnreadableError(name, reason, { cause: error });
    }
  }

  private async read(artifact: Artifact, name: AdditionName): Promise<Addition> {
    if (name === 'build_history') return json(buildHistory(await this.readConfig(artifact, name)));
    if (name === 'dependencies') return json(chartDependencies(await this.readConfig(artifact, name)));
    if (name === 'sbom') {
      const content = await buffer(await this.open(artifact, name, `r.role = 'layer'`, MAX_SBOM_BYTES));
      return { contentType: 'application/json; charset=utf-8', content };
    }
    const chart = await this.open(artifact, name, IS_CHART, MAX_CHART_BYTES);
    // A chart without the file shows an empty one, as in Harbor.
    return { contentType: CONTENT_TYPE[name], content: (await findChartFile(chart, name)) ?? Buffer.alloc(0) };
  }

  private async readConfig(artifact: Artifact, name: AdditionName): Promise<unknown> {
    const config = await buffer(await this.open(artifact, name, `r.role = 'config'`, MAX_CONFIG_BYTES));
    return JSON.parse(config.toString('utf8')) as unknown;
  }

  private async open(artifact: Artifact, name: AdditionName, which: string, maxBytes: number): Promise<Readable> {
    const [blob] = await this.database.rows<{ object_key: string; size_bytes: string }>(
      `SELECT b.object_key, b.size_bytes FROM artifact_reference r JOIN blob b ON b.id = r.blob_id
       WHERE r.artifact_id = $1 AND ${which} ORDER BY r.position LIMIT 1`,
      [artifact.id],
    );
    if (blob === undefined) throw new AdditionNotFoundError(name);
    const sizeBytes = Number(blob.size_bytes);
    if (sizeBytes > maxBytes) throw new AdditionUnreadableError(name, `it is in ${sizeBytes} bytes`);
    const reader = await this.store.read(blob.object_key, { start: 0, end: sizeBytes });
    return reader.stream();
  }
}

/** The second is what Helm pushed before its layers had a type of their own. */
const IS_CHART = `r.role = 'layer' AND r.media_type IN
  ('application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'application/tar+gzip')`;

const CONTENT_TYPE = {
  'values.yaml': 'text/plain; charset=utf-8',
  'readme.md': 'text/markdown; charset=utf-8',
} as const;

function json(value: unknown): Addition {
  return { contentType: 'application/json; charset=utf-8', content: Buffer.from(JSON.stringify(value)) };
}
