import type { Database } from '@breakwater/database';
import type { Model } from './model.js';
import type { Universe } from './universe.js';

/** All that others can notice of the catalog, by the names of the universe, in a shape to compare. */
export interface Observed {
  /** `a`: listed or not. */
  readonly repositories: Record<string, boolean>;
  /** `a one`: held, leased, overdue. */
  readonly links: Record<string, string>;
  /** `a first`: what it names, and whether that is here. */
  readonly artifacts: Record<string, string[]>;
  /** `a v1`: first. */
  readonly tags: Record<string, string>;
  /** `one`: owned, condemned, ripe. */
  readonly blobs: Record<string, string>;
  /** In the order of their start; null for those that ended. */
  readonly uploads: (object | null)[];
  /** Each as text, sorted. */
  readonly deleted: string[];
}

export function observeModel(model: Model, universe: Universe): Observed {
  const observed = nothing();
  for (const [index, { isListed, links, artifacts, tags }] of model.repositories) {
    const repository = nameOfRepository(universe, index);
    observed.repositories[repository] = isListed;
    for (const [name, link] of links) observed.links[`${repository} ${name}`] = link;
    for (const [tag, name] of tags) observed.tags[`${repository} ${tag}`] = name;
    for (const [name, references] of artifacts)
      observed.artifacts[`${repository} ${name}`] = references.map(({ digest, kind, isFilled }) =>
        isFilled ? `${digest} is here as ${kind}` : `${digest} is missing`,
      );
  }
  for (const [name, state] of model.blobs) observed.blobs[name] = state;
  for (const session of model.uploads)
    observed.uploads.push(
      session && {
        receivedBytes: session.received,
        isOverdue: session.isOverdue,
        writer: session.writer === null ? 'none' : session.isWriterSilent ? 'silent' : 'alive',
      },
    );
  for (const { repository, manifest, blobs, isOver } of model.deleted)
    observed.deleted.push(deletedText(nameOfRepository(universe, repository), manifest, blobs, isOver));
  observed.deleted.sort();
  return observed;
}

/** @param uploadIds  in the order of their start. */
export async function observeDatabase(
  database: Database,
  universe: Universe,
  uploadIds: readonly string[],
): Promise<Observed> {
  const observed = nothing();
  const named = namesByDigest(universe);
  const called = (digest: string): string => named.get(digest) ?? digest;
  const names = new Map(
    universe.repositories.map(({ name }, index) => [name as string, nameOfRepository(universe, index)]),
  );
  const shortOf = (repository: string): string => names.get(repository) ?? repository;
  const [row] = await database.rows<{ state: State }>(OBSERVE);
  const { state } = row as { state: State };
  for (const { name, is_listed } of state.repositories) observed.repositories[shortOf(name)] = is_listed;
  for (const { name, digest, state: link } of state.links) observed.links[`${shortOf(name)} ${called(digest)}`] = link;
  for (const { name, tag, digest } of state.tags) observed.tags[`${shortOf(name)} ${tag}`] = called(digest);
  for (const { digest, state: blob } of state.blobs) observed.blobs[called(digest)] = blob;
  for (const { name, digest, content_digest, names: references } of state.artifacts) {
    const title = called(digest) + (content_digest === digest ? '' : ' with other content');
    observed.artifacts[`${shortOf(name)} ${title}`] = references.map(({ digest: one, kind }) =>
      kind === 'missing' ? `${called(one)} is missing` : `${called(one)} is here as ${kind}`,
    );
  }
  const uploads = new Map(state.uploads.map(({ id, ...session }) => [id, session]));
  for (const id of uploadIds) observed.uploads.push(uploads.get(id) ?? null);
  for (const { name, digest, blobs, is_over } of state.deleted)
    observed.deleted.push(deletedText(shortOf(name), called(digest), blobs.map(called), is_over));
  observed.deleted.sort();
  return observed;
}

export function namesByDigest({ contents, manifests }: Universe): ReadonlyMap<string, string> {
  return new Map([
    ...contents.map(({ digest, name }) => [digest, name] as const),
    ...manifests.map(({ image, name }) => [image.digest as string, name] as const),
  ]);
}

function nothing(): Observed {
  return { repositories: {}, links: {}, artifacts: {}, tags: {}, blobs: {}, uploads: [], deleted: [] };
}

function nameOfRepository(universe: Universe, index: number): string {
  return universe.repositories[index]?.name.split('/').at(-1) ?? '';
}

function deletedText(repository: string, manifest: string, blobs: readonly string[], isOver: boolean): string {
  return `${repository} ${manifest} with ${blobs.toSorted().join(', ')}${isOver ? ', to be purged' : ''}`;
}

/** Everything there is, in one statement; times in the words of the model. */
const OBSERVE = `
  SELECT jsonb_build_object(
    'repositories', ARRAY(SELECT jsonb_build_object('name', name, 'is_listed', listed_at IS NOT NULL) FROM repository),
    'links', ARRAY(
      SELECT jsonb_build_object('name', r.name, 'digest', b.digest, 'state',
               CASE WHEN l.lease_until IS NULL THEN 'held' WHEN l.lease_until < now() THEN 'overdue' ELSE 'leased' END)
      FROM repository_blob l JOIN repository r ON r.id = l.repository_id JOIN blob b ON b.id = l.blob_id),
    'artifacts', ARRAY(
      SELECT jsonb_build_object('name', r.name, 'digest', a.digest,
               'content_digest', 'sha256:' || encode(sha256(m.content), 'hex'),
               'names', ARRAY(
                 SELECT jsonb_build_object('digest', n.digest, 'kind',
                          CASE WHEN n.blob_id IS NOT NULL THEN 'blob' WHEN n.child_id IS NOT NULL THEN 'child' ELSE 'missing' END)
                 FROM artifact_reference n WHERE n.artifact_id = a.id ORDER BY n.position))
      FROM artifact a JOIN repository r ON r.id = a.repository_id JOIN artifact_manifest m ON m.artifact_id = a.id),
    'tags', ARRAY(
      SELECT jsonb_build_object('name', r.name, 'tag', t.name, 'digest', a.digest)
      FROM tag t JOIN repository r ON r.id = t.repository_id JOIN artifact a ON a.id = t.artifact_id),
    'blobs', ARRAY(
      SELECT jsonb_build_object('digest', digest, 'state',
               CASE WHEN condemned_at IS NULL THEN 'owned'
                    WHEN condemned_at < now() - interval '10 min' THEN 'ripe' ELSE 'condemned' END) FROM blob),
    'uploads', ARRAY(
      SELECT jsonb_build_object('id', id, 'receivedBytes', received_bytes, 'isOverdue', expires_at < now(), 'writer',
               CASE WHEN writer IS NULL THEN 'none' WHEN writer_until < now() THEN 'silent' ELSE 'alive' END) FROM upload),
    'deleted', ARRAY(
      SELECT jsonb_build_object('name', d.repository_name, 'digest', d.digest, 'is_over', d.purge_after < now(),
               'blobs', ARRAY(SELECT b.digest FROM deleted_artifact_blob k JOIN blob b ON b.id = k.blob_id
                              WHERE k.deleted_artifact_id = d.id))
      FROM deleted_artifact d)
  ) AS state`;

interface State {
  readonly repositories: readonly { readonly name: string; readonly is_listed: boolean }[];
  readonly links: readonly { readonly name: string; readonly digest: string; readonly state: string }[];
  readonly artifacts: readonly {
    readonly name: string;
    readonly digest: string;
    readonly content_digest: string;
    readonly names: readonly { readonly digest: string; readonly kind: string }[];
  }[];
  readonly tags: readonly { readonly name: string; readonly tag: string; readonly digest: string }[];
  readonly blobs: readonly { readonly digest: string; readonly state: string }[];
  readonly uploads: readonly (object & { readonly id: string })[];
  readonly deleted: readonly {
    readonly name: string;
    readonly digest: string;
    readonly is_over: boolean;
    readonly blobs: readonly string[];
  }[];
}
