import type { Database } from '@breakwater/database';
import { type Digest, type Referrer, type RepositoryName, fallbackTag, parseManifest } from '@breakwater/oci';
import type { ArtifactLookup } from '../artifacts/artifact-lookup.js';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';

/**
 * What is attached to an artifact, as `GET /v2/<name>/referrers/<digest>` gives it.
 *
 * Three sources, one answer: manifests whose `subject` names it; signatures of cosign before version 3, which name it
 * by their tag, as Harbor lists them; and what clients without the referrers API wrote into the index under the
 * fallback tag.
 *
 * @see OCI distribution-spec, "Listing Referrers" and "Referrers Tag Schema".
 */
export class ReferrerService {
  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactLookup,
  ) {}

  /**
   * @param subject  need not exist, nor need the repository.
   * @param artifactType  only referrers of this type; null for all.
   * @returns in the order of their push; the entries of the fallback index follow.
   */
  async list(repository: RepositoryName, subject: Digest, artifactType: string | null): Promise<readonly Referrer[]> {
    const [attached, listed] = await Promise.all([
      this.attachedTo(repository, subject),
      this.listedByClients(repository, subject),
    ]);
    const known = new Set(attached.map((referrer) => referrer.digest));
    const all = [...attached, ...listed.filter((referrer) => !known.has(referrer.digest))];
    return artifactType === null ? all : all.filter((referrer) => referrer.artifactType === artifactType);
  }

  private async attachedTo(repository: RepositoryName, subject: Digest): Promise<Referrer[]> {
    const rows = await this.database.rows<ReferrerRow>(FIND_REFERRERS, [repository, subject]);
    return rows.map((row) => ({
      mediaType: row.manifest_media_type,
      digest: row.digest,
      sizeBytes: row.manifest_size_bytes,
      artifactType: row.referrer_type,
      annotations: row.annotations,
    }));
  }

  private async listedByClients(repository: RepositoryName, subject: Digest): Promise<Referrer[]> {
    const found = await this.artifacts.find(repository, { kind: 'tag', tag: fallbackTag(subject) });
    if (found === null) return [];
    const content = await this.artifacts.content(found).catch(nothingIfDeleted);
    if (content === null) return [];
    return parseManifest(content, found.mediaType).children.map((child) => ({
      mediaType: child.mediaType,
      digest: child.digest,
      sizeBytes: child.sizeBytes,
      artifactType: child.artifactType ?? null,
      annotations: child.annotations ?? {},
    }));
  }
}

const FIND_REFERRERS = {
  name: 'catalog.find-referrers',
  text: `
    SELECT a.digest, a.manifest_media_type, a.manifest_size_bytes, a.referrer_type, a.annotations
    FROM repository r
    JOIN artifact a ON a.repository_id = r.id AND a.subject_digest = $2 AND a.subject_origin <> 'fallback-tag'
    WHERE r.name = $1
    ORDER BY a.id`,
};

/** The index went away after it was found; the answer is 200 all the same. */
function nothingIfDeleted(error: unknown): null {
  if (error instanceof ManifestUnknownError) return null;
  throw error;
}

interface ReferrerRow {
  readonly digest: Digest;
  readonly manifest_media_type: string;
  readonly manifest_size_bytes: number;
  readonly referrer_type: string | null;
  readonly annotations: Readonly<Record<string, string>>;
}
