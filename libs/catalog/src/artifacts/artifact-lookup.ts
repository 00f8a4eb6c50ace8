import { BatchedLookup, type Database } from '@breakwater/database';
import type { Digest, Reference, RepositoryName } from '@breakwater/oci';
import { LRUCache } from 'lru-cache';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import type { FoundArtifact } from './found-artifact.js';

/**
 * The pull path: which manifest a reference stands for, and its bytes.
 *
 * References that are asked for together are looked up in one query. Only bytes are cached, under their digest, which
 * cannot change; where a tag points and what a repository holds is read every time.
 */
export class ArtifactLookup {
  private readonly lookup: BatchedLookup<Question, FoundArtifact | null>;
  private readonly contents: BatchedLookup<string, Buffer | null>;
  private readonly cache: LRUCache<Digest, Buffer>;

  constructor(
    private readonly database: Database,
    cacheBytes: number,
  ) {
    // One manifest that would push out too many others (MAX_MANIFEST_BYTES is 4 MiB) is read each time instead.
    this.cache = new LRUCache({
      maxSize: cacheBytes,
      maxEntrySize: Math.ceil(cacheBytes / 8),
      sizeCalculation: (content) => content.byteLength + ENTRY_BYTES,
    });
    this.lookup = new BatchedLookup({ find: (questions) => this.findAll(questions), maxBatch: 256, concurrency: 4 });
    // A manifest may have 4 MiB: small batches bound what one answer holds in memory.
    this.contents = new BatchedLookup({ find: (ids) => this.readAll(ids), maxBatch: 16, concurrency: 4 });
  }

  find(repository: RepositoryName, reference: Reference): Promise<FoundArtifact | null> {
    return this.lookup.get({ repository, reference });
  }

  /**
   * The manifest, byte for byte as it was pushed. Not to be changed: others read the same buffer.
   *
   * @throws ManifestUnknownError  it was deleted since it was found.
   */
  async content(found: FoundArtifact): Promise<Buffer> {
    const cached = this.cache.get(found.digest);
    if (cached !== undefined) return cached;
    const content = await this.contents.get(found.artifactId);
    if (content === null) throw new ManifestUnknownError(null, { kind: 'digest', digest: found.digest });
    this.cache.set(found.digest, content);
    return content;
  }

  private async findAll(questions: readonly Question[]): Promise<(FoundArtifact | null)[]> {
    const rows = await this.database.rows<ArtifactRow>(FIND_ARTIFACTS, [
      questions.map(({ repository }) => repository),
      questions.map(({ reference }) => (reference.kind === 'tag' ? reference.tag : null)),
      questions.map(({ reference }) => (reference.kind === 'digest' ? reference.digest : null)),
      questions.length,
    ]);
    const answers: (FoundArtifact | null)[] = questions.map(() => null);
    for (const row of rows) answers[Number(row.position) - 1] = foundArtifactOf(row);
    return answers;
  }

  private async readAll(artifactIds: readonly string[]): Promise<(Buffer | null)[]> {
    const rows = await this.database.rows<{ artifact_id: string; content: Buffer }>(READ_MANIFESTS, [artifactIds]);
    const found = new Map(rows.map((row) => [row.artifact_id, row.content]));
    return artifactIds.map((id) => found.get(id) ?? null);
  }
}

/** Key, entry and Buffer object, roughly: a million tiny manifests do not count as nothing. */
const ENTRY_BYTES = 512;

/** LIMIT cuts nothing off: with it this is planned once, and not at every look-up (see `FIND_BLOBS`). */
const FIND_ARTIFACTS = {
  name: 'catalog.find-artifacts',
  text: `
    SELECT wanted.position, a.id, a.repository_id, a.digest, a.manifest_media_type, a.manifest_size_bytes
    FROM (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY LIMIT $4
    ) AS wanted (repository, tag, digest, position)
    JOIN repository r ON r.name = wanted.repository
    CROSS JOIN LATERAL (
      SELECT tagged.* FROM tag t JOIN artifact tagged ON tagged.id = t.artifact_id
      WHERE t.repository_id = r.id AND t.name = wanted.tag
      UNION ALL
      SELECT named.* FROM artifact named WHERE named.repository_id = r.id AND named.digest = wanted.digest
    ) a`,
};

const READ_MANIFESTS = {
  name: 'catalog.read-manifests',
  text: `SELECT artifact_id, content FROM artifact_manifest WHERE artifact_id = ANY ($1::bigint[])`,
};

function foundArtifactOf(row: ArtifactRow): FoundArtifact {
  return {
    artifactId: row.id,
    repositoryId: row.repository_id,
    digest: row.digest,
    mediaType: row.manifest_media_type,
    sizeBytes: row.manifest_size_bytes,
  };
}

interface Question {
  readonly repository: RepositoryName;
  readonly reference: Reference;
}

interface ArtifactRow {
  /** 1-based place in the question. */
  readonly position: string;
  readonly id: string;
  readonly repository_id: string;
  readonly digest: Digest;
  readonly manifest_media_type: string;
  readonly manifest_size_bytes: number;
}
