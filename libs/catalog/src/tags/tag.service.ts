import type { Database } from '@breakwater/database';
import type { Reference, Tag } from '@breakwater/oci';
import { lockArtifact } from '../artifacts/artifact-lock.js';
import type { ArtifactTag } from '../artifacts/artifact.js';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import { TAG_COLUMNS, tagOf, type TagRow } from '../artifacts/artifact-parts-reader.js';
import type { ArtifactService } from '../artifacts/artifact.service.js';
import type { CatalogEvents, Scene } from '../events/catalog-events.js';
import { type ListPage, type ListRequest, Statement } from '../lists/list.js';
import type { Principal } from '../ports.js';
import { touchRepository } from '../repositories/repository-lock.js';
import { TagExistsError, TagNotFoundError } from './tag.errors.js';
import type { TagRepository } from './tag.repository.js';

/** The tags of one artifact, as the control plane shows, makes and deletes them. */
export class TagService {
  constructor(private readonly deps: TagDependencies) {}

  /** The newest first unless the request says otherwise. @throws ManifestUnknownError */
  async list(
    repository: RepositoryAddress,
    reference: Reference,
    request: ListRequest,
  ): Promise<ListPage<ArtifactTag>> {
    const { id } = await this.deps.artifacts.get(repository, reference);
    const statement = new Statement(request);
    const rows = `FROM tag WHERE tag.artifact_id = ${statement.bind(id)} AND ${statement.where}`;
    const { database } = this.deps;
    const counting = database.rows<{ total: number }>(`SELECT count(*)::integer AS total ${rows}`, [
      ...statement.params,
    ]);
    const paging = database.rows<TagRow>(
      `SELECT ${TAG_COLUMNS} ${rows} ORDER BY ${request.orderBy ?? 'tag.pushed_at DESC, tag.id DESC'}
       LIMIT ${statement.bind(request.limit)} OFFSET ${statement.bind(request.offset)}`,
      statement.params,
    );
    const [[counted], page] = await Promise.all([counting, paging]);
    return { items: page.map(tagOf), total: counted?.total ?? 0 };
  }

  /** @throws ManifestUnknownError, TagExistsError */
  async create(repository: RepositoryAddress, reference: Reference, tag: Tag, by: Principal): Promise<void> {
    const { database, tags, events } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      const artifact = await lockArtifact(tx, repository, reference);
      if (await tags.exists(tx, artifact.repositoryId, tag)) throw new TagExistsError(repository.name, tag);
      await tags.place(tx, artifact.repositoryId, artifact.digest, [tag]);
      await events.tagCreated(tx, sceneOf(repository, by), tag, artifact.digest);
      await touchRepository(tx, artifact.repositoryId);
    });
  }

  /** The artifact stays, with the last of its tags gone as well. @throws ManifestUnknownError, TagNotFoundError */
  async delete(repository: RepositoryAddress, reference: Reference, tag: Tag, by: Principal): Promise<void> {
    const { database, tags, events } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      const artifact = await lockArtifact(tx, repository, reference);
      if (!(await tags.exists(tx, artifact.repositoryId, tag, artifact.id)))
        throw new TagNotFoundError(repository.name, tag);
      await tags.remove(tx, artifact.repositoryId, tag);
      await events.tagDeleted(tx, sceneOf(repository, by), tag, artifact.digest);
      await touchRepository(tx, artifact.repositoryId);
    });
  }
}

function sceneOf({ projectId, name }: RepositoryAddress, by: Principal): Scene {
  return { project: { id: projectId }, repository: { name }, by };
}

export interface TagDependencies {
  readonly database: Database;
  readonly artifacts: ArtifactService;
  readonly tags: TagRepository;
  readonly events: CatalogEvents;
}
