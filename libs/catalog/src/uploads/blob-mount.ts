import type { Database } from '@breakwater/database';
import type { Digest, RepositoryName } from '@breakwater/oci';
import { attachFrom } from '../blobs/blob-attachment.js';
import type { CommittedBlob } from '../blobs/stored-blob.js';
import type { ReadableRepositories } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import { ensureRepository } from '../repositories/repository-lock.js';

/** So many of the repositories that hold a popular layer are looked at, and so many offered to the caller's rights. */
const MAX_LOOKED_AT = 1_000;
const MAX_CANDIDATES = 64;

/**
 * Cross-repository mount: a blob becomes readable in one more repository without its bytes.
 *
 * Only what the caller may read somewhere is mounted; whether others hold the digest cannot be told from the answer.
 */
export class BlobMount {
  constructor(
    private readonly database: Database,
    private readonly leaseSeconds: number,
  ) {}

  /** See `UploadService.mount`. */
  async mount(
    project: ProjectFacts,
    repository: RepositoryName,
    digest: Digest,
    from: RepositoryName | null,
    mayRead: ReadableRepositories,
  ): Promise<CommittedBlob | null> {
    const named = await this.holders(digest, from === null ? [repository] : [repository, from]);
    // Held here already: who may push here needs no other right to be told so.
    if (named.includes(repository)) return this.attach(project, repository, digest, [repository]);
    const readable = await readableOf(named, mayRead);
    const sources = readable.length > 0 ? readable : await readableOf(await this.anyHolders(project, digest), mayRead);
    return sources.length === 0 ? null : this.attach(project, repository, digest, sources);
  }

  private attach(
    project: ProjectFacts,
    repository: RepositoryName,
    digest: Digest,
    sources: readonly RepositoryName[],
  ): Promise<CommittedBlob | null> {
    return this.database.unitOfWork.run(async (tx) => {
      const repositoryId = await ensureRepository(tx, project, repository, 'attach');
      return attachFrom(tx, repositoryId, digest, sources, this.leaseSeconds);
    });
  }

  private async holders(digest: Digest, among: readonly RepositoryName[]): Promise<RepositoryName[]> {
    const rows = await this.database.rows<{ name: RepositoryName }>(NAMED_HOLDERS, [digest, among]);
    return rows.map((row) => row.name);
  }

  /** Where the client has named no source, or none that holds it: the own project first, then public ones. */
  private async anyHolders(project: ProjectFacts, digest: Digest): Promise<RepositoryName[]> {
    const rows = await this.database.rows<{ name: RepositoryName }>(
      `SELECT holder.name
       FROM (SELECT r.name, r.project_id FROM blob b
             JOIN repository_blob l ON l.blob_id = b.id
             JOIN repository r ON r.id = l.repository_id
             WHERE b.digest = $1 LIMIT ${MAX_LOOKED_AT}) holder
       JOIN project p ON p.id = holder.project_id
       ORDER BY p.id = $2 DESC, p.is_public DESC, holder.name
       LIMIT ${MAX_CANDIDATES}`,
      [digest, project.id],
    );
    return rows.map((row) => row.name);
  }
}

async function readableOf(
  candidates: readonly RepositoryName[],
  mayRead: ReadableRepositories,
): Promise<RepositoryName[]> {
  if (candidates.length === 0) return [];
  const readable = new Set(await mayRead(candidates));
  return candidates.filter((candidate) => readable.has(candidate));
}

/** OFFSET 0: see the look-up of blobs. */
const NAMED_HOLDERS = {
  name: 'catalog.named-holders',
  text: `
    SELECT r.name FROM repository r
    JOIN blob b ON b.digest = $1
    CROSS JOIN LATERAL (
      SELECT FROM repository_blob link WHERE link.repository_id = r.id AND link.blob_id = b.id OFFSET 0
    ) l
    WHERE r.name = ANY ($2::text[])`,
};
