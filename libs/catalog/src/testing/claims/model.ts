import type { Actions, Outcome } from './actions.js';
import { LATE_BYTES, type NamedManifest, TAGS, type Universe } from './universe.js';

type Name = string;

/** A row of `repository_blob`: needed by a manifest, alive by a lease, or by one that is over. */
type Link = 'held' | 'leased' | 'overdue';

interface ModelReference {
  readonly digest: Name;
  readonly kind: 'blob' | 'child';
  isFilled: boolean;
}

export interface ModelRepository {
  isListed: boolean;
  readonly links: Map<Name, Link>;
  readonly artifacts: Map<Name, ModelReference[]>;
  readonly tags: Map<string, Name>;
}

export interface ModelUpload {
  readonly repository: number;
  readonly content: number;
  received: number;
  /** Somebody has put other content into it. */
  isSpoiled: boolean;
  isOverdue: boolean;
  /** The stalled request that has it. */
  writer: number | null;
  isWriterSilent: boolean;
}

interface Stalled {
  readonly upload: number;
  /** What it has written until now, and what it writes when it wakes. */
  readonly bytes: number;
  readonly isOther: boolean;
  readonly isClosing: boolean;
  isOver: boolean;
}

export interface Deleted {
  readonly repository: number;
  readonly manifest: Name;
  readonly blobs: readonly Name[];
  isOver: boolean;
}

const BUSY = 'UPLOAD_BUSY';
const UNKNOWN = 'UPLOAD_UNKNOWN';
const OK = 'ok';
const NONE = 'none';

/** What the catalog has to do, said once more and simply: one thing after the other, in memory, without time. */
export class Model implements Actions<Outcome> {
  readonly repositories = new Map<number, ModelRepository>();
  /** Stored blobs: whether condemned, and long enough to be collected. */
  readonly blobs = new Map<Name, 'owned' | 'condemned' | 'ripe'>();
  /** All that were ever started; null once they have ended. */
  readonly uploads: (ModelUpload | null)[] = [];
  readonly deleted: Deleted[] = [];
  private readonly stalled: Stalled[] = [];
  /** What each upload was for, also after its end. */
  private readonly purposes: { readonly repository: number; readonly content: number }[] = [];

  constructor(private readonly universe: Universe) {}

  start({ repository, content }: { repository: number; content: number }): Outcome {
    this.ensure(repository);
    const none = { received: 0, isSpoiled: false, isOverdue: false, writer: null, isWriterSilent: false };
    this.uploads.push({ repository, content, ...none });
    this.purposes.push({ repository, content });
    return OK;
  }

  status({ upload }: { upload: number }): Outcome {
    if (this.uploads.length === 0) return NONE;
    const session = this.at(upload);
    return session === null ? UNKNOWN : `received ${session.received}`;
  }

  append({ upload, bytes, isOutOfOrder }: { upload: number; bytes: number; isOutOfOrder: boolean }): Outcome {
    return this.claimed(upload, (session) => {
      if (isOutOfOrder) return 'RANGE_OUT_OF_ORDER';
      session.received += Math.min(bytes, this.leftOf(session));
      return OK;
    });
  }

  stall({ upload, bytes, isClosing, isOther }: Parameters<Actions<Outcome>['stall']>[0]): Outcome {
    return this[isClosing ? 'closing' : 'claimed'](upload, (session) => {
      session.writer = this.stalled.length;
      const own = isClosing ? this.leftOf(session) : Math.min(bytes, this.leftOf(session));
      const written = isOther ? bytes + LATE_BYTES : own;
      this.stalled.push({ upload: fromLast(this.uploads, upload), bytes: written, isOther, isClosing, isOver: false });
      return OK;
    });
  }

  takeOver(to: Parameters<Actions<Outcome>['takeOver']>[0]): Outcome {
    this.silenceWriters();
    return this.append({ ...to, isOutOfOrder: false });
  }

  wake({ stalled }: { stalled: number }): Outcome {
    const sleeper = this.stalled[fromLast(this.stalled, stalled)];
    if (sleeper === undefined || sleeper.isOver) return NONE;
    sleeper.isOver = true;
    const session = this.uploads[sleeper.upload] ?? null;
    if (session === null) return UNKNOWN;
    if (this.stalled[session.writer ?? -1] !== sleeper) return BUSY;
    release(session);
    session.received += sleeper.bytes;
    session.isSpoiled ||= sleeper.isOther;
    return sleeper.isClosing ? this.commit(sleeper.upload, session) : OK;
  }

  finish({ upload, isWrong }: { upload: number; isWrong: boolean }): Outcome {
    return this.closing(upload, (session) => {
      session.isSpoiled ||= isWrong;
      return this.commit(fromLast(this.uploads, upload), session);
    });
  }

  cancel({ upload }: { upload: number }): Outcome {
    return this.claimed(upload, () => {
      this.uploads[fromLast(this.uploads, upload)] = null;
      return OK;
    });
  }

  putWhole({ repository, content, isWrong }: { repository: number; content: number; isWrong: boolean }): Outcome {
    this.ensure(repository);
    if (isWrong) return 'DIGEST_MISMATCH';
    this.attach(repository, this.nameOf(content));
    return OK;
  }

  mount({ repository, content, mayRead }: { repository: number; content: number; mayRead: boolean }): Outcome {
    const name = this.nameOf(content);
    const isHere = this.repositories.get(repository)?.links.has(name) === true;
    if (!isHere && !(mayRead && this.linksOf(name) > 0)) return 'null';
    this.attach(repository, name);
    return OK;
  }

  head({ repository, content }: { repository: number; content: number }): Outcome {
    return String(this.renew(repository, this.nameOf(content)));
  }

  deleteBlob({ repository, content }: { repository: number; content: number }): Outcome {
    const name = this.nameOf(content);
    const links = this.repositories.get(repository)?.links;
    if (links?.get(name) === 'held') return 'BLOB_REFERENCED';
    if (links?.delete(name) !== true) return 'BLOB_UNKNOWN';
    this.condemnUnowned([name]);
    return OK;
  }

  putManifest({ repository, manifest, tag }: { repository: number; manifest: number; tag: number | null }): Outcome {
    const pushed = this.universe.manifests[manifest] as NamedManifest;
    // Its config is looked into before, as a reader does.
    if (pushed.config !== null) this.renew(repository, pushed.config);
    const before = this.repositories.get(repository);
    const references = before?.artifacts.get(pushed.name) ?? this.resolve(repository, pushed);
    if (before?.artifacts.has(pushed.name) !== true) {
      const mayHaveGaps = this.universe.repositories[repository]?.project.isSparseAllowed === true;
      if (!mayHaveGaps && references.some((reference) => !reference.isFilled)) return 'MANIFEST_BLOB_UNKNOWN';
    }
    const here = this.ensure(repository);
    if (!here.artifacts.has(pushed.name)) {
      here.artifacts.set(pushed.name, references);
      for (const { digest, kind, isFilled } of references)
        if (kind === 'blob' && isFilled) here.links.set(digest, 'held');
      for (const reference of [...here.artifacts.values()].flat())
        if (reference.kind === 'child' && reference.digest === pushed.name) reference.isFilled = true;
    }
    here.isListed = true;
    if (tag !== null) here.tags.set(TAGS[tag] as string, pushed.name);
    return OK;
  }

  push({ repository, manifest, tag }: { repository: number; manifest: number; tag: number | null }): Outcome {
    const { blobs, children } = this.universe.manifests[manifest] as NamedManifest;
    for (const child of children)
      this.push({ repository, manifest: indexOf(this.universe.manifests, child), tag: null });
    for (const blob of blobs) this.attach(repository, blob);
    return this.putManifest({ repository, manifest, tag });
  }

  pull({ repository, manifest, tag }: { repository: number; manifest: number; tag: number | null }): Outcome {
    const here = this.repositories.get(repository);
    const name = this.manifestNameOf(manifest);
    const found =
      tag === null ? (here?.artifacts.has(name) === true ? name : undefined) : here?.tags.get(TAGS[tag] as string);
    return found ?? 'null';
  }

  deleteManifest({ repository, manifest }: { repository: number; manifest: number }): Outcome {
    const here = this.repositories.get(repository);
    const name = this.manifestNameOf(manifest);
    if (here?.artifacts.has(name) !== true) return 'MANIFEST_UNKNOWN';
    if (parentsOf(here, name).length > 0) return 'ARTIFACT_REFERENCED';
    this.remove(repository, here, this.withDependents(here, name));
    return OK;
  }

  deleteTag({ repository, tag }: { repository: number; tag: number }): Outcome {
    return this.repositories.get(repository)?.tags.delete(TAGS[tag] as string) === true ? OK : 'MANIFEST_UNKNOWN';
  }

  deleteRepository({ repository }: { repository: number }): Outcome {
    const here = this.repositories.get(repository);
    if (here?.isListed !== true) return 'REPOSITORY_NOT_FOUND';
    this.remove(repository, here, new Set(here.artifacts.keys()));
    this.uploads.forEach((session, index) => {
      if (session?.repository === repository) this.uploads[index] = null;
    });
    this.repositories.delete(repository);
    this.condemnUnowned(here.links.keys());
    return OK;
  }

  collectAll(): Outcome {
    this.expireUploads();
    this.purgeDeletedArtifacts();
    this.expireLinks();
    this.endGrace();
    this.collectCondemned();
    return this.forgetRepositories();
  }

  expireUploads(): Outcome {
    this.uploads.forEach((session, index) => {
      if (session?.isOverdue === true && (session.writer === null || session.isWriterSilent))
        this.uploads[index] = null;
    });
    return OK;
  }

  purgeDeletedArtifacts(): Outcome {
    const over = this.deleted.filter(({ isOver }) => isOver);
    for (const one of over) this.deleted.splice(this.deleted.indexOf(one), 1);
    this.condemnUnowned(over.flatMap(({ blobs }) => blobs));
    return OK;
  }

  expireLinks(): Outcome {
    for (const { links } of this.repositories.values()) {
      const over = [...links.keys()].filter((name) => links.get(name) === 'overdue');
      for (const name of over) links.delete(name);
    }
    this.condemnUnowned(this.blobs.keys());
    return OK;
  }

  collectCondemned(): Outcome {
    for (const [name, state] of this.blobs) if (state === 'ripe') this.blobs.delete(name);
    return OK;
  }

  forgetRepositories(): Outcome {
    for (const [index, { isListed, links }] of this.repositories) {
      const isUsed = isListed || links.size > 0 || this.uploads.some((session) => session?.repository === index);
      if (!isUsed) this.repositories.delete(index);
    }
    return OK;
  }

  // What is in the trash is nothing that a reader could see.
  claimTrash = (): Outcome => OK;
  deleteObjects = (): Outcome => OK;
  forgetTrash = (): Outcome => OK;
  killCollector = (): Outcome => OK;
  makeTrashDue = (): Outcome => OK;

  endLeases({ repository }: { repository: number }): Outcome {
    const links = this.repositories.get(repository)?.links;
    for (const [name, link] of links ?? []) if (link === 'leased') links?.set(name, 'overdue');
    return OK;
  }

  endUploads(): Outcome {
    for (const session of this.uploads) if (session !== null) session.isOverdue = true;
    return OK;
  }

  silenceWriters(): Outcome {
    for (const session of this.uploads) if (session !== null && session.writer !== null) session.isWriterSilent = true;
    return OK;
  }

  endRestoring(): Outcome {
    for (const one of this.deleted) one.isOver = true;
    return OK;
  }

  endGrace(): Outcome {
    for (const [name, state] of this.blobs) if (state === 'condemned') this.blobs.set(name, 'ripe');
    return OK;
  }

  private at(upload: number): ModelUpload | null {
    return this.uploads[fromLast(this.uploads, upload)] ?? null;
  }

  private claimed(upload: number, work: (session: ModelUpload) => Outcome): Outcome {
    if (this.uploads.length === 0) return NONE;
    const session = this.at(upload);
    if (session === null) return UNKNOWN;
    if (session.writer !== null && !session.isWriterSilent) return BUSY;
    release(session);
    return work(session);
  }

  /** Who closes an upload that has ended is told of the blob that it was for, where that is there. */
  private closing(upload: number, work: (session: ModelUpload) => Outcome): Outcome {
    const outcome = this.claimed(upload, work);
    const purpose = this.purposes[fromLast(this.uploads, upload)];
    if (outcome !== UNKNOWN || purpose === undefined) return outcome;
    return this.renew(purpose.repository, this.nameOf(purpose.content)) ? OK : UNKNOWN;
  }

  private commit(index: number, session: ModelUpload): Outcome {
    this.uploads[index] = null;
    if (session.isSpoiled) return 'DIGEST_MISMATCH';
    this.attach(session.repository, this.nameOf(session.content));
    return OK;
  }

  private attach(repository: number, name: Name): void {
    const here = this.ensure(repository);
    let isNeeded = here.links.get(name) === 'held';
    for (const reference of [...here.artifacts.values()].flat())
      if (reference.kind === 'blob' && reference.digest === name) isNeeded = reference.isFilled = true;
    here.links.set(name, isNeeded ? 'held' : 'leased');
    this.blobs.set(name, 'owned');
  }

  /** @returns whether the repository holds it. */
  private renew(repository: number, name: Name): boolean {
    const links = this.repositories.get(repository)?.links;
    if (links?.get(name) === 'overdue') links.set(name, 'leased');
    return links?.has(name) === true;
  }

  private resolve(repository: number, { blobs, children }: NamedManifest): ModelReference[] {
    const here = this.repositories.get(repository);
    return [
      ...blobs.map((digest) => ({ digest, kind: 'blob' as const, isFilled: here?.links.has(digest) === true })),
      ...children.map((digest) => ({ digest, kind: 'child' as const, isFilled: here?.artifacts.has(digest) === true })),
    ];
  }

  private withDependents(here: ModelRepository, name: Name): Set<Name> {
    const gone = new Set([name]);
    const isTagged = (one: Name): boolean => [...here.tags.values()].includes(one);
    for (let before = 0; before !== gone.size;) {
      before = gone.size;
      const children = [...gone].flatMap((one) => here.artifacts.get(one) ?? []).filter(({ kind }) => kind === 'child');
      const orphans = children
        .map(({ digest }) => digest)
        .filter((one) => !isTagged(one) && this.subjectOf(one) === null);
      const accessories = [...here.artifacts.keys()].filter((one) => gone.has(this.subjectOf(one) ?? ''));
      for (const one of [...orphans, ...accessories])
        if (here.artifacts.has(one) && parentsOf(here, one).every((parent) => gone.has(parent))) gone.add(one);
    }
    return gone;
  }

  private remove(repository: number, here: ModelRepository, names: ReadonlySet<Name>): void {
    const freed = new Set<Name>();
    for (const manifest of names) {
      const references = here.artifacts.get(manifest) ?? [];
      const held = references.filter(({ kind, isFilled }) => kind === 'blob' && isFilled).map(({ digest }) => digest);
      const blobs = [...new Set(held)];
      this.deleted.push({ repository, manifest, blobs, isOver: false });
      for (const name of blobs) freed.add(name);
    }
    for (const manifest of names) here.artifacts.delete(manifest);
    for (const [tag, manifest] of here.tags) if (names.has(manifest)) here.tags.delete(tag);
    const needed = new Set([...here.artifacts.values()].flat().map(({ digest }) => digest));
    for (const name of freed) if (!needed.has(name)) here.links.set(name, 'leased');
  }

  private condemnUnowned(names: Iterable<Name>): void {
    for (const name of names) {
      const isKept = this.linksOf(name) > 0 || this.deleted.some(({ blobs }) => blobs.includes(name));
      if (!isKept && this.blobs.get(name) === 'owned') this.blobs.set(name, 'condemned');
    }
  }

  private linksOf(name: Name): number {
    return [...this.repositories.values()].filter(({ links }) => links.has(name)).length;
  }

  private ensure(repository: number): ModelRepository {
    const here = this.repositories.get(repository);
    if (here !== undefined) return here;
    const made = { isListed: false, links: new Map(), artifacts: new Map(), tags: new Map() } satisfies ModelRepository;
    this.repositories.set(repository, made);
    return made;
  }

  private nameOf(content: number): Name {
    return this.universe.contents[content]?.name ?? '';
  }

  private manifestNameOf(manifest: number): Name {
    return this.universe.manifests[manifest]?.name ?? '';
  }

  private subjectOf(manifest: Name): Name | null {
    return this.universe.manifests.find(({ name }) => name === manifest)?.subject ?? null;
  }

  private leftOf({ content, received }: ModelUpload): number {
    return Math.max(0, (this.universe.contents[content]?.bytes.byteLength ?? 0) - received);
  }
}

function release(session: ModelUpload): void {
  session.writer = null;
  session.isWriterSilent = false;
  session.isOverdue = false;
}

function parentsOf(here: ModelRepository, child: Name): Name[] {
  return [...here.artifacts]
    .filter(([, references]) => references.some(({ digest, kind }) => kind === 'child' && digest === child))
    .map(([name]) => name);
}

function indexOf(all: readonly { readonly name: Name }[], wanted: Name): number {
  return all.findIndex(({ name }) => name === wanted);
}

/** Where the nth is, counted from the last and round. */
export function fromLast(all: readonly unknown[], nth: number): number {
  return all.length - 1 - (nth % Math.max(1, all.length));
}
