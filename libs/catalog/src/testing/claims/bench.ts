import type { Database } from '@breakwater/database';
import { AppError } from '@breakwater/errors';
import type { Digest, Reference } from '@breakwater/oci';
import { CollectionRepository } from '../../collection/collection.repository.js';
import { createCollector } from '../../collection/create-collector.js';
import { type TrashedObject, TrashRepository } from '../../collection/trash.repository.js';
import type { Catalog } from '../../create-catalog.js';
import type { CatalogControl } from '../../create-catalog-control.js';
import { PassThrough, Readable } from 'node:stream';
import { type CatalogWorld, CI } from '../catalog-world.js';
import { byDigest, byTag, eventually, NEVER, pushOf } from '../content.js';
import { controlOf } from '../control.js';
import type { Actions, Outcome } from './actions.js';
import { fromLast } from './model.js';
import { LATE_BYTES, type NamedContent, type NamedManifest, TAGS, type Universe } from './universe.js';

type Done = Promise<Outcome>;

interface Started {
  readonly id: string;
  readonly repository: Universe['repositories'][number];
  readonly content: NamedContent;
}

interface Stalled {
  readonly body: PassThrough;
  readonly rest: Buffer;
  readonly outcome: Done;
  isOver: boolean;
}

/** Two processes that serve, and two that collect, over one database and one storage. */
export class Bench implements Actions<Done> {
  readonly uploads: Started[] = [];
  private readonly stalled: Stalled[] = [];
  private readonly collection: CollectionRepository;
  private readonly trash: TrashRepository;
  private readonly control: CatalogControl;
  private readonly database: Database;
  /** What each collector has claimed, and what of it it has deleted already. */
  private readonly claims: { claimed: TrashedObject[]; deleted: string[] }[] = [newClaims(), newClaims()];

  constructor(
    private readonly world: CatalogWorld,
    private readonly universe: Universe,
    private readonly processes: readonly Catalog[],
  ) {
    this.database = world.database;
    this.collection = new CollectionRepository(world.database);
    this.trash = new TrashRepository(world.database);
    this.control = controlOf(world);
  }

  start({ at, repository, content }: Parameters<Actions<Done>['start']>[0]): Done {
    return outcomeOf(async () => {
      const where = this.repository(repository);
      const { id } = await this.process(at).uploads.start(where.project, where.name, CI);
      this.uploads.push({ id, repository: where, content: this.content(content) });
      return 'ok';
    });
  }

  status({ at, upload }: Parameters<Actions<Done>['status']>[0]): Done {
    return this.ofUpload(upload, async ({ id, repository }) => {
      const { receivedBytes } = await this.process(at).uploads.get(repository.name, CI, id);
      return `received ${receivedBytes}`;
    });
  }

  append({ at, upload, bytes, isOutOfOrder }: Parameters<Actions<Done>['append']>[0]): Done {
    return this.ofUpload(upload, async (started) => {
      const { id, repository, content } = started;
      const from = await this.received(started);
      const chunk = content.bytes.subarray(from, from + bytes);
      const start = isOutOfOrder ? from + 1 : from;
      const range = { start, end: start + chunk.byteLength };
      await this.process(at).uploads.append(repository.name, CI, id, {
        body: Readable.from([chunk]),
        range,
        signal: NEVER,
      });
      return 'ok';
    });
  }

  /** The body ends when the process is woken, or never. */
  stall({ at, upload, bytes, isClosing, isOther }: Parameters<Actions<Done>['stall']>[0]): Done {
    return this.ofUpload(upload, async (started) => {
      const { id, repository, content } = started;
      const from = await this.received(started);
      const before = await this.writerOf(id);
      const body = new PassThrough();
      const chunk = { body, range: null, signal: NEVER };
      const { uploads } = this.process(at);
      let isSettled = false;
      const outcome = outcomeOf(async () => {
        if (isClosing) await uploads.finish(repository.name, CI, id, content.digest as Digest, chunk);
        else await uploads.append(repository.name, CI, id, chunk);
        return 'ok';
      }).finally(() => (isSettled = true));
      const first = isOther ? Buffer.alloc(bytes, '!') : content.bytes.subarray(from, from + bytes);
      body.write(first);
      // One that is not there is refused; one that goes away meanwhile is not noticed before the body ends.
      await eventually(async () => isSettled || (before !== undefined && (await this.writerOf(id)) !== before));
      if (isSettled) return outcome;
      await eventually(() => isSettled || body.readableLength === 0);
      const own = isClosing ? content.bytes.subarray(from + bytes) : Buffer.alloc(0);
      const rest = isOther ? Buffer.alloc(LATE_BYTES, '?') : own;
      this.stalled.push({ body, rest, outcome, isOver: false });
      return 'ok';
    });
  }

  async takeOver(to: Parameters<Actions<Done>['takeOver']>[0]): Done {
    await this.silenceWriters();
    return this.append({ ...to, isOutOfOrder: false });
  }

  async wake({ stalled }: Parameters<Actions<Done>['wake']>[0]): Done {
    const sleeper = this.stalled[fromLast(this.stalled, stalled)];
    if (sleeper === undefined || sleeper.isOver) return 'none';
    sleeper.isOver = true;
    sleeper.body.end(sleeper.rest);
    return sleeper.outcome;
  }

  finish({ at, upload, isWrong }: Parameters<Actions<Done>['finish']>[0]): Done {
    return this.ofUpload(upload, async (started) => {
      const { id, repository, content } = started;
      const rest = content.bytes.subarray(await this.received(started));
      const body = Readable.from([isWrong ? Buffer.concat([rest, Buffer.from('!')]) : rest]);
      const chunk = { body, range: null, signal: NEVER };
      await this.process(at).uploads.finish(repository.name, CI, id, content.digest as Digest, chunk);
      return 'ok';
    });
  }

  cancel({ at, upload }: Parameters<Actions<Done>['cancel']>[0]): Done {
    return this.ofUpload(upload, async ({ id, repository }) => {
      await this.process(at).uploads.cancel(repository.name, CI, id);
      return 'ok';
    });
  }

  putWhole({ at, repository, content, isWrong }: Parameters<Actions<Done>['putWhole']>[0]): Done {
    return outcomeOf(async () => {
      const { project, name } = this.repository(repository);
      const { bytes, digest } = this.content(content);
      const body = Readable.from([isWrong ? Buffer.concat([bytes, Buffer.from('!')]) : bytes]);
      await this.process(at).uploads.putWhole(project, name, CI, digest as Digest, body, NEVER);
      return 'ok';
    });
  }

  mount({ at, repository, content, from, mayRead }: Parameters<Actions<Done>['mount']>[0]): Done {
    return outcomeOf(async () => {
      const { project, name } = this.repository(repository);
      const source = from === null ? null : this.repository(from).name;
      const { uploads } = this.process(at);
      const digest = this.content(content).digest as Digest;
      const mounted = await uploads.mount(project, name, digest, source, async (all) => (mayRead ? all : []));
      return mounted === null ? 'null' : 'ok';
    });
  }

  head({ at, repository, content }: Parameters<Actions<Done>['head']>[0]): Done {
    return outcomeOf(async () => {
      const { digest, bytes } = this.content(content);
      const blob = await this.process(at).blobs.find(this.repository(repository).name, digest as Digest);
      if (blob !== null && blob.sizeBytes !== bytes.byteLength) return `${blob.sizeBytes} bytes`;
      return String(blob !== null);
    });
  }

  deleteBlob({ at, repository, content }: Parameters<Actions<Done>['deleteBlob']>[0]): Done {
    return outcomeOf(async () => {
      const digest = this.content(content).digest as Digest;
      await this.process(at).blobs.delete(this.repository(repository).name, digest);
      return 'ok';
    });
  }

  putManifest({ at, repository, manifest, tag }: Parameters<Actions<Done>['putManifest']>[0]): Done {
    return outcomeOf(async () => {
      const { project, name } = this.repository(repository);
      const { image } = this.manifest(manifest);
      await this.process(at).manifests.put(project, name, CI, pushOf(image, this.reference(manifest, tag)));
      return 'ok';
    });
  }

  async push(to: Parameters<Actions<Done>['push']>[0]): Done {
    const { blobs, children } = this.manifest(to.manifest);
    const [contents, manifests] = [this.universe.contents, this.universe.manifests].map((all) =>
      all.map(({ name }) => name),
    );
    for (const child of children) await this.push({ ...to, manifest: manifests?.indexOf(child) ?? -1, tag: null });
    for (const blob of blobs) {
      const stored = await this.putWhole({ ...to, content: contents?.indexOf(blob) ?? -1, isWrong: false });
      if (stored !== 'ok') return stored;
    }
    return this.putManifest(to);
  }

  pull({ at, repository, manifest, tag }: Parameters<Actions<Done>['pull']>[0]): Done {
    return outcomeOf(async () => {
      const { artifacts } = this.process(at);
      const found = await artifacts.find(this.repository(repository).name, this.reference(manifest, tag));
      if (found === null) return 'null';
      const content = await artifacts.content(found);
      return this.universe.manifests.find(({ image }) => image.manifest.equals(content))?.name ?? 'other content';
    });
  }

  deleteManifest({ at, repository, manifest }: Parameters<Actions<Done>['deleteManifest']>[0]): Done {
    return this.deleteReference(at, repository, this.reference(manifest, null));
  }

  deleteTag({ at, repository, tag }: Parameters<Actions<Done>['deleteTag']>[0]): Done {
    return this.deleteReference(at, repository, byTag(TAGS[tag] as string));
  }

  deleteRepository({ repository }: Parameters<Actions<Done>['deleteRepository']>[0]): Done {
    const { project, name } = this.repository(repository);
    return outcomeOf(() => this.control.repositories.delete(project, name, CI).then(() => 'ok'));
  }

  async collectAll(): Done {
    const { database, store } = this.world;
    const collector = createCollector(database, store, { graceSeconds: 0, batchSize: 3 });
    const { failures, failedDeletes } = await collector.runOnce(NEVER);
    if (failures.length > 0) throw failures[0]?.error;
    return failedDeletes === 0 ? 'ok' : `${failedDeletes} refused`;
  }

  expireUploads = (): Done => this.collect(this.collection.expireUploads(MANY));
  purgeDeletedArtifacts = (): Done => this.collect(this.collection.purgeDeletedArtifacts(MANY));
  expireLinks = (): Done => this.collect(this.collection.expireLinks(MANY));
  collectCondemned = (): Done => this.collect(this.collection.collectCondemned(GRACE_SECONDS, MANY));
  forgetRepositories = (): Done =>
    this.collect(
      this.collection.findUnlistedRepositories('0', MANY).then((ids) => this.collection.forgetUnusedRepositories(ids)),
    );

  async claimTrash({ at }: { at: number }): Done {
    this.claimsOf(at).claimed.push(...(await this.trash.claim(3)));
    return 'ok';
  }

  async deleteObjects({ at }: { at: number }): Done {
    const claims = this.claimsOf(at);
    for (const { objectKey, writeState, isWhole } of claims.claimed.splice(0)) {
      await (isWhole ? this.world.store.delete(objectKey) : this.world.store.discard(objectKey, writeState));
      claims.deleted.push(objectKey);
    }
    return 'ok';
  }

  async forgetTrash({ at }: { at: number }): Done {
    await this.trash.forget(this.claimsOf(at).deleted.splice(0));
    return 'ok';
  }

  async killCollector({ at }: { at: number }): Done {
    this.claims[at] = newClaims();
    return 'ok';
  }

  endLeases({ repository }: { repository: number }): Done {
    return this.shift(
      `UPDATE repository_blob l SET lease_until = now() - interval '1 s' FROM repository r
       WHERE r.id = l.repository_id AND l.lease_until IS NOT NULL AND r.name = $1 RETURNING l.blob_id`,
      [this.repository(repository).name],
    );
  }

  endUploads = (): Done => this.shift(`UPDATE upload SET expires_at = now() - interval '1 s' RETURNING id`);
  silenceWriters = (): Done =>
    this.shift(`UPDATE upload SET writer_until = now() - interval '1 s' WHERE writer IS NOT NULL RETURNING id`);
  endRestoring = (): Done =>
    this.shift(`UPDATE deleted_artifact SET purge_after = now() - interval '1 s' RETURNING id`);
  endGrace = (): Done =>
    this.shift(`UPDATE blob SET condemned_at = now() - interval '1 h' WHERE condemned_at IS NOT NULL RETURNING id`);
  makeTrashDue = (): Done => this.shift(`UPDATE trash SET delete_after = now() - interval '1 s' RETURNING object_key`);

  /** Those that still stand still break off, as their clients would in the end. */
  async breakOff(): Promise<void> {
    for (const { body, isOver } of this.stalled) if (!isOver) body.destroy();
    await Promise.all(this.stalled.map(({ outcome }) => outcome));
  }

  private async collect(step: Promise<number>): Done {
    await step;
    return 'ok';
  }

  private async shift(sql: string, parameters: string[] = []): Done {
    await this.database.rows(sql, parameters);
    return 'ok';
  }

  private deleteReference(at: number, repository: number, reference: Reference): Done {
    return outcomeOf(async () => {
      const { project, name } = this.repository(repository);
      await this.process(at).manifests.delete(project, name, CI, reference);
      return 'ok';
    });
  }

  private async ofUpload(upload: number, work: (started: Started) => Done): Done {
    if (this.uploads.length === 0) return 'none';
    return outcomeOf(() => work(this.uploads[fromLast(this.uploads, upload)] as Started));
  }

  private async received({ id }: Started): Promise<number> {
    const rows = await this.database.rows<{ received_bytes: string }>(
      'SELECT received_bytes FROM upload WHERE id = $1',
      [id],
    );
    return Number(rows[0]?.received_bytes ?? 0);
  }

  /** @returns null when nobody writes, undefined when there is no such upload. */
  private async writerOf(id: string): Promise<string | null | undefined> {
    const rows = await this.database.rows<{ writer: string | null }>('SELECT writer FROM upload WHERE id = $1', [id]);
    return rows[0]?.writer;
  }

  private reference(manifest: number, tag: number | null): Reference {
    return tag === null ? byDigest(this.manifest(manifest).image.digest) : byTag(TAGS[tag] as string);
  }

  private process(at: number): Catalog {
    return this.processes[at] as Catalog;
  }

  private claimsOf(at: number): { claimed: TrashedObject[]; deleted: string[] } {
    return this.claims[at] as { claimed: TrashedObject[]; deleted: string[] };
  }

  private repository(index: number): Universe['repositories'][number] {
    return this.universe.repositories[index] as Universe['repositories'][number];
  }

  private content(index: number): NamedContent {
    return this.universe.contents[index] as NamedContent;
  }

  private manifest(index: number): NamedManifest {
    return this.universe.manifests[index] as NamedManifest;
  }
}

const MANY = 100;
const GRACE_SECONDS = 600;

function newClaims(): { claimed: TrashedObject[]; deleted: string[] } {
  return { claimed: [], deleted: [] };
}

/** What a client would be told; anything that is not one of our errors is a defect. */
async function outcomeOf(work: () => Done): Done {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
