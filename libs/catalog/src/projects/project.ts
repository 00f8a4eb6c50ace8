import type { CveAllowlist } from '@breakwater/domain';

/** A project as the control plane shows it. */
export interface Project {
  readonly id: number;
  readonly name: string;
  /** Account; it may be deleted. */
  readonly ownerId: number;
  readonly isPublic: boolean;
  /** Every value is a text; `public` is among them. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly allowlist: ProjectAllowlist;
  /** Those that lists show: with a manifest, or that had one. */
  readonly repositoryCount: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ProjectAllowlist extends CveAllowlist {
  /** Null where none was ever given. */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

export interface NewProject {
  readonly name: string;
  readonly ownerId: number;
  readonly metadata: GivenProjectMetadata;
  /** The boolean of old clients; counts where the metadata does not say. */
  readonly isPublic?: boolean | null;
  readonly allowlist?: CveAllowlist | null;
}

export interface ProjectChange {
  /** Keys that are not given stay as they are. */
  readonly metadata: GivenProjectMetadata;
  /** Replaces the list; null leaves it. */
  readonly allowlist: CveAllowlist | null;
}

export type GivenProjectMetadata = Readonly<Record<string, string | null | undefined>>;

/** For `buildFilter` and `buildOrder`. */
export const projectFields = {
  project_id: { column: 'project.id', type: 'integer' },
  name: { column: 'project.name', type: 'text' },
  owner_id: { column: 'project.owner_id', type: 'integer' },
  public: { column: 'project.is_public', type: 'boolean' },
  creation_time: { column: 'project.created_at', type: 'time' },
  update_time: { column: 'project.updated_at', type: 'time' },
} as const;
