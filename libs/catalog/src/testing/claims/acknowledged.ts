import type { Database } from '@breakwater/database';
import type { Command, Outcome } from './actions.js';
import { namesByDigest } from './observe.js';
import type { Universe } from './universe.js';

/** What clients may be told when others take away what they work with. Anything else is a defect. */
const ORDINARY = new Set([
  'ok',
  'none',
  'null',
  'true',
  'false',
  'UPLOAD_UNKNOWN',
  'UPLOAD_BUSY',
  'RANGE_OUT_OF_ORDER',
  'DIGEST_MISMATCH',
  'BLOB_UNKNOWN',
  'BLOB_REFERENCED',
  'MANIFEST_UNKNOWN',
  'MANIFEST_BLOB_UNKNOWN',
  'ARTIFACT_REFERENCED',
  'REPOSITORY_NOT_FOUND',
]);

/** What was promised to clients, and whether it is kept, while many things are done at once. */
export class Acknowledged {
  /** `repository manifest` of pushes that were answered, and that nobody has asked to delete. */
  private readonly pushed = new Set<string>();
  /** `repository digest` of blobs that somebody brought there, or tried to. */
  private readonly brought = new Set<string>();
  /** What each artifact, by its id, has been seen to have. */
  private held = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly database: Database,
    private readonly universe: Universe,
  ) {}

  /** @returns promises that are not kept after a round, in words. */
  async broken(round: readonly Command[], outcomes: readonly Outcome[]): Promise<string[]> {
    this.note(round, outcomes);
    const { artifacts, links } = await this.read();
    const there = new Set(artifacts.map(({ place, name }) => `${place} ${name}`));
    const strange = outcomes.filter((outcome) => !ORDINARY.has(outcome) && !outcome.startsWith('received'));
    const names = new Set(this.universe.manifests.map(({ name }) => name));
    const broken = [
      ...strange.filter((outcome) => !names.has(outcome)),
      ...[...this.pushed].filter((one) => !there.has(one)).map((one) => `${one} is lost`),
      ...links.filter((one) => !this.brought.has(one)).map((one) => `${one} was never brought there`),
      ...artifacts.filter(({ isWhole }) => !isWhole).map(({ place, name }) => `${place} ${name} has gaps`),
    ];
    for (const { id, place, name, has } of artifacts)
      for (const one of this.held.get(id) ?? []) if (!has.has(one)) broken.push(`${place} ${name} has lost ${one}`);
    this.held = new Map(artifacts.map(({ id, has }) => [id, has]));
    return broken;
  }

  private note(round: readonly Command[], outcomes: readonly Outcome[]): void {
    for (const [index, [action, parameters]] of round.entries()) {
      if (action === 'push' || action === 'putManifest') {
        const place = this.placeOf(parameters.repository);
        if (outcomes[index] === 'ok') this.pushed.add(`${place} ${this.universe.manifests[parameters.manifest]?.name}`);
        if (action === 'push') for (const { name } of this.universe.contents) this.brought.add(`${place} ${name}`);
      }
      if (action === 'start' || action === 'putWhole' || action === 'mount')
        this.brought.add(`${this.placeOf(parameters.repository)} ${this.universe.contents[parameters.content]?.name}`);
    }
    // A delete may take children and accessories along, and may have come before or after a push of the same round.
    for (const [action, parameters] of round)
      if (action === 'deleteManifest' || action === 'deleteRepository')
        for (const one of this.pushed)
          if (one.startsWith(`${this.placeOf(parameters.repository)} `)) this.pushed.delete(one);
  }

  private async read(): Promise<{ artifacts: ReadArtifact[]; links: string[] }> {
    const named = namesByDigest(this.universe);
    const called = (digest: string): string => named.get(digest) ?? digest;
    const artifacts = await this.database.rows<ArtifactRow>(READ_ARTIFACTS);
    const links = await this.database.rows<{ place: string; digest: string }>(
      `SELECT r.name AS place, b.digest FROM repository_blob l
       JOIN repository r ON r.id = l.repository_id JOIN blob b ON b.id = l.blob_id`,
    );
    return {
      artifacts: artifacts.map((row) => ({
        id: row.id,
        place: row.place,
        name: row.is_as_pushed ? called(row.digest) : `${called(row.digest)} with other content`,
        isWhole: row.may_have_gaps || row.missing === 0,
        has: new Set(row.has.map(called)),
      })),
      links: links.map(({ place, digest }) => `${place} ${called(digest)}`),
    };
  }

  private placeOf(repository: number): string {
    return this.universe.repositories[repository]?.name ?? '';
  }
}

const READ_ARTIFACTS = `
  SELECT a.id, r.name AS place, a.digest, a.digest = 'sha256:' || encode(sha256(m.content), 'hex') AS is_as_pushed,
         EXISTS (SELECT FROM project_metadata s WHERE s.project_id = a.project_id AND s.key = 'sparse_content') AS may_have_gaps,
         (SELECT count(*)::int FROM artifact_reference n
          WHERE n.artifact_id = a.id AND n.blob_id IS NULL AND n.child_id IS NULL) AS missing,
         ARRAY(SELECT n.digest FROM artifact_reference n
               WHERE n.artifact_id = a.id AND (n.blob_id IS NOT NULL OR n.child_id IS NOT NULL)) AS has
  FROM artifact a JOIN repository r ON r.id = a.repository_id JOIN artifact_manifest m ON m.artifact_id = a.id`;

interface ArtifactRow {
  readonly id: string;
  readonly place: string;
  readonly digest: string;
  readonly is_as_pushed: boolean;
  readonly may_have_gaps: boolean;
  readonly missing: number;
  readonly has: readonly string[];
}

interface ReadArtifact {
  readonly id: string;
  readonly place: string;
  readonly name: string;
  readonly isWhole: boolean;
  readonly has: ReadonlySet<string>;
}
