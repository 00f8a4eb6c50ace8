import {
  ArtifactDeletedV1,
  ArtifactPushedV1,
  RepositoryCreatedV1,
  RepositoryDeletedV1,
  RepositoryUpdatedV1,
  TagCreatedV1,
  TagDeletedV1,
  TagMovedV1,
  eventToTell,
} from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import type { RemovedArtifact } from '../artifacts/artifact-removal.js';
import type { Clock, Principal } from '../ports.js';
import type { PlacedTag } from '../tags/tag.repository.js';

/** Where something happened. */
export interface Scene {
  readonly project: { readonly id: number };
  readonly repository: { readonly name: RepositoryName };
  readonly by: Principal;
}

export interface PushTold {
  readonly digest: Digest;
  readonly manifestMediaType: string;
  readonly tags: readonly Tag[];
  readonly subjectDigest: Digest | null;
  /** Those of the tags that did not point here before. */
  readonly placed: readonly PlacedTag[];
  /** The repository's first manifest. */
  readonly isFirst: boolean;
}

/**
 * What the catalog tells, written in the transaction that makes it true. Called under the repository's lock `change`,
 * so events of a repository leave in the order in which they came to pass.
 */
export class CatalogEvents {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async pushed(tx: Transaction, scene: Scene, push: PushTold): Promise<void> {
    const told = this.told(scene);
    const { digest, manifestMediaType, subjectDigest } = push;
    const artifact = { ...told, digest, manifestMediaType, subjectDigest, tags: [...push.tags] };
    await this.outbox.add(
      tx,
      ...(push.isFirst ? [eventToTell(RepositoryCreatedV1, told.repository, told)] : []),
      eventToTell(ArtifactPushedV1, told.repository, artifact),
      ...push.placed.map(({ tag, from }) =>
        from === null
          ? eventToTell(TagCreatedV1, told.repository, { ...told, tag, digest })
          : eventToTell(TagMovedV1, told.repository, { ...told, tag, from, to: digest }),
      ),
    );
  }

  /** A tag that an API call made; those of a push are told by `pushed`. */
  async tagCreated(tx: Transaction, scene: Scene, tag: Tag, digest: Digest): Promise<void> {
    const told = this.told(scene);
    await this.outbox.add(tx, eventToTell(TagCreatedV1, told.repository, { ...told, tag, digest }));
  }

  async tagDeleted(tx: Transaction, scene: Scene, tag: Tag, digest: Digest): Promise<void> {
    const told = this.told(scene);
    await this.outbox.add(tx, eventToTell(TagDeletedV1, told.repository, { ...told, tag, digest }));
  }

  /** Tags that go with their artifact are told by its event alone, as in Harbor. */
  async artifactsDeleted(tx: Transaction, scene: Scene, removed: readonly RemovedArtifact[]): Promise<void> {
    const told = this.told(scene);
    const events = removed.map(({ digest, tags }) =>
      eventToTell(ArtifactDeletedV1, told.repository, { ...told, digest, tags: [...tags] }),
    );
    await this.outbox.add(tx, ...events);
  }

  async repositoryUpdated(tx: Transaction, scene: Scene): Promise<void> {
    const told = this.told(scene);
    await this.outbox.add(tx, eventToTell(RepositoryUpdatedV1, told.repository, told));
  }

  /** After its artifacts have been told of. */
  async repositoryDeleted(tx: Transaction, scene: Scene): Promise<void> {
    const told = this.told(scene);
    await this.outbox.add(tx, eventToTell(RepositoryDeletedV1, told.repository, told));
  }

  private told({ project, repository, by }: Scene) {
    const at = this.clock.now().toISOString();
    return { projectId: project.id, repository: repository.name, by: by.name, at };
  }
}
