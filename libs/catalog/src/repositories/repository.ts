import type { RepositoryName } from '@breakwater/oci';

/** A repository as the control plane shows it: one that has, or had, a manifest. */
export interface Repository {
  readonly id: number;
  readonly projectId: number;
  /** With the project's. */
  readonly name: RepositoryName;
  readonly description: string;
  /** Those that its list shows: see `IS_LISTED`. */
  readonly artifactCount: number;
  readonly pullCount: number;
  readonly createdAt: Date;
  /** Of its content. */
  readonly updatedAt: Date;
}

/** For `buildFilter` and `buildOrder`. */
export const repositoryFields = {
  id: { column: 'repository.id', type: 'integer' },
  repository_id: { column: 'repository.id', type: 'integer' },
  project_id: { column: 'repository.project_id', type: 'integer' },
  name: { column: 'repository.name', type: 'text' },
  description: { column: 'repository.description', type: 'text', sortable: false },
  pull_count: { column: 'repository.pull_count', type: 'integer' },
  creation_time: { column: 'repository.created_at', type: 'time' },
  update_time: { column: 'repository.updated_at', type: 'time' },
} as const;
