import type { ArtifactContent } from './content.js';

/** What somebody who was there can know of a thing. After a request without an answer nobody knows. */
export type Presence = 'present' | 'absent' | 'unknown';

export interface KnownArtifact {
  readonly content: ArtifactContent;
  presence: Presence;
}

/** A change that was acknowledged, as the events tell it. */
export interface AcknowledgedChange {
  readonly kind: 'artifact-pushed' | 'artifact-deleted' | 'tag-deleted';
  /** Of the artifact, or the tag's name. */
  readonly what: string;
}

/**
 * What the one user of a repository was told about it, in order. Nobody else writes there, so what follows from it is
 * certain.
 */
export class RepositoryLedger {
  readonly artifacts = new Map<string, KnownArtifact>();
  /** Where each tag may point; null for nowhere. One entry is certainty. */
  readonly tags = new Map<string, ReadonlySet<string | null>>();
  readonly changes: AcknowledgedChange[] = [];
  pushes = 0;

  /** @param name  with its project. */
  constructor(readonly name: string) {}

  /** Answered 201. @param tag  null for a push by digest. */
  pushed(content: ArtifactContent, tag: string | null): void {
    this.pushes++;
    this.artifacts.set(content.digest, { content, presence: 'present' });
    if (tag !== null) this.tags.set(tag, new Set([content.digest]));
    this.changes.push({ kind: 'artifact-pushed', what: content.digest });
    // What an index holds was there when it was taken, and stays while it is.
    for (const child of content.children) this.artifacts.set(child.digest, { content: child, presence: 'present' });
  }

  maybePushed(content: ArtifactContent, tag: string | null): void {
    const known = this.artifacts.get(content.digest);
    if (known?.presence !== 'present') this.artifacts.set(content.digest, { content, presence: 'unknown' });
    if (tag !== null) this.tags.set(tag, new Set([...this.pointsTo(tag), content.digest]));
  }

  /** Answered 202. */
  tagDeleted(tag: string): void {
    this.tags.set(tag, new Set([null]));
    this.changes.push({ kind: 'tag-deleted', what: tag });
  }

  maybeTagDeleted(tag: string): void {
    this.tags.set(tag, new Set([...this.pointsTo(tag), null]));
  }

  /** Answered 202: it is gone with its tags, and with children that only it named. */
  artifactDeleted(digest: string): void {
    this.changes.push({ kind: 'artifact-deleted', what: digest });
    this.forgetWithChildren(digest, 'absent');
  }

  maybeArtifactDeleted(digest: string): void {
    this.forgetWithChildren(digest, 'unknown');
  }

  /**
   * Answered 404 where that is possible. Of its children that tells nothing: it was never there, and they are as they
   * were; or it went with an earlier request whose answer was lost, from which on they are unknown.
   */
  isAbsent(digest: string): void {
    this.forget(digest, 'absent');
  }

  pointsTo(tag: string): ReadonlySet<string | null> {
    return this.tags.get(tag) ?? new Set([null]);
  }

  present(): KnownArtifact[] {
    return [...this.artifacts.values()].filter(({ presence }) => presence === 'present');
  }

  private forgetWithChildren(digest: string, presence: 'absent' | 'unknown'): void {
    const known = this.forget(digest, presence);
    for (const child of known?.content.children ?? []) this.forgetChild(child.digest, presence);
  }

  /** @returns what it was; null where it was known to be absent already. */
  private forget(digest: string, presence: 'absent' | 'unknown'): KnownArtifact | null {
    const known = this.artifacts.get(digest);
    if (known === undefined || known.presence === 'absent') return null;
    known.presence = presence;
    for (const [tag, targets] of this.tags) {
      if (!targets.has(digest)) continue;
      const others = [...targets].filter((target) => target !== digest);
      this.tags.set(tag, new Set([...others, null, ...(presence === 'unknown' ? [digest] : [])]));
    }
    return known;
  }

  /** It stays where a tag or another index surely names it, and goes where surely nothing does. */
  private forgetChild(digest: string, presence: 'absent' | 'unknown'): void {
    const known = this.artifacts.get(digest);
    if (known?.presence !== 'present') return;
    const tags = [...this.tags.values()].filter((targets) => targets.has(digest));
    const parents = [...this.artifacts.values()].filter(({ content }) =>
      content.children.some((child) => child.digest === digest),
    );
    const isNamed =
      tags.some((targets) => targets.size === 1) || parents.some((parent) => parent.presence === 'present');
    if (isNamed) return;
    const mayBeNamed = tags.length > 0 || parents.some((parent) => parent.presence === 'unknown');
    this.forgetWithChildren(digest, mayBeNamed ? 'unknown' : presence);
  }
}
