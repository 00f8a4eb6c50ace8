import type { AccessoryType, ExtraAttributes } from '@breakwater/domain';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import type { FieldTerm, ListFields } from '../lists/field.js';
import { InvalidListQueryError } from '../lists/list.errors.js';
import type { OverviewJson } from '../overviews/artifact-overviews.js';

/** An artifact as the control plane shows it. */
export interface Artifact {
  readonly id: number;
  readonly projectId: number;
  readonly repositoryId: number;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** `IMAGE`, `CHART`, …: see `artifactKindOf` of libs/domain. */
  readonly type: string;
  readonly mediaType: string;
  readonly manifestMediaType: string;
  readonly artifactType: string;
  /** Manifest, config and layers; an index with its children. */
  readonly sizeBytes: number;
  readonly icon: string;
  readonly pushedAt: Date;
  readonly pulledAt: Date | null;
  /** In lists without those that are very large; see `MAX_LISTED_JSON_BYTES`. */
  readonly extraAttributes: ExtraAttributes;
  readonly annotations: Readonly<Record<string, string>>;
  /** What an index holds, in its order; in lists no more than `MAX_LISTED_CHILDREN`. */
  readonly children: readonly ChildReference[];
  /** The newest first; empty when not asked for. */
  readonly tags: readonly ArtifactTag[];
  /** Attached to the artifact itself; empty when not asked for. */
  readonly accessories: readonly Accessory[];
  /** Attached to indexes that hold it; empty when not asked for. */
  readonly inheritedAccessories: readonly Accessory[];
  /** What scans say of it; null where there is nothing, or it was not asked for. */
  readonly overviews: { readonly vulnerability: OverviewJson | null; readonly sbom: OverviewJson | null };
}

export interface ChildReference {
  /** Null: it is not here, as a project may allow. */
  readonly childId: number | null;
  readonly digest: Digest;
  /** As the image-spec writes it. */
  readonly platform: PlatformJson | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly urls: readonly string[];
}

export interface PlatformJson {
  readonly architecture?: string;
  readonly os?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
}

export interface ArtifactTag {
  readonly id: number;
  readonly repositoryId: number;
  readonly artifactId: number;
  readonly name: Tag;
  readonly pushedAt: Date;
  readonly pulledAt: Date | null;
}

export interface Accessory {
  /** Of the accessory, which is an artifact of the same repository. */
  readonly artifactId: number;
  readonly digest: Digest;
  readonly type: AccessoryType;
  readonly sizeBytes: number;
  readonly icon: string;
  readonly createdAt: Date;
  readonly subjectId: number;
  readonly subjectDigest: Digest;
  readonly repository: RepositoryName;
}

/** What is to be read besides the artifacts themselves; each is one statement for all of them. */
export interface ArtifactParts {
  readonly tags: boolean;
  readonly accessories: boolean;
  readonly inheritedAccessories: boolean;
  /** Read with the artifacts themselves: not a statement more. */
  readonly overviews?: boolean;
}

/** What lists show: no accessories, and children of an index only when a tag names them. Has indexes of its own. */
export const IS_LISTED = `artifact.accessory_type IS NULL AND (artifact.tag_count > 0 OR artifact.parent_count = 0)`;

/** How a time that never was is compared: as Harbor writes it. */
const NEVER = `'0001-01-01T00:00:00Z'::timestamptz`;

/** For `buildFilter` and `buildOrder`. */
export const artifactFields = {
  id: { column: 'artifact.id', type: 'integer' },
  project_id: { column: 'artifact.project_id', type: 'integer' },
  repository_id: { column: 'artifact.repository_id', type: 'integer' },
  repository_name: {
    column: '(SELECT repository.name FROM repository WHERE repository.id = artifact.repository_id)',
    type: 'text',
  },
  digest: { column: 'artifact.digest', type: 'text' },
  type: { column: 'artifact.type', type: 'text' },
  media_type: { column: 'artifact.media_type', type: 'text' },
  manifest_media_type: { column: 'artifact.manifest_media_type', type: 'text' },
  artifact_type: { column: 'artifact.artifact_type', type: 'text' },
  size: { column: 'artifact.size_bytes', type: 'integer' },
  icon: { column: 'artifact.icon', type: 'text' },
  push_time: { column: 'artifact.pushed_at', type: 'time' },
  pull_time: { column: `coalesce(artifact.pulled_at, ${NEVER})`, type: 'time' },
  tags: { filter: hasTags },
} as const satisfies ListFields;

export const tagFields = {
  id: { column: 'tag.id', type: 'integer' },
  repository_id: { column: 'tag.repository_id', type: 'integer' },
  artifact_id: { column: 'tag.artifact_id', type: 'integer' },
  name: { column: 'tag.name', type: 'text' },
  push_time: { column: 'tag.pushed_at', type: 'time' },
  pull_time: { column: `coalesce(tag.pulled_at, ${NEVER})`, type: 'time' },
} as const satisfies ListFields;

export const accessoryFields = {
  id: { column: 'accessory.id', type: 'integer' },
  artifact_id: { column: 'accessory.id', type: 'integer' },
  digest: { column: 'accessory.digest', type: 'text' },
  type: { column: 'accessory.accessory_type', type: 'text' },
  size: { column: 'accessory.size_bytes', type: 'integer' },
  creation_time: { column: 'accessory.pushed_at', type: 'time' },
} as const satisfies ListFields;

/** `tags=*` some, `tags=nil` none, `tags=v1` this one, `tags=~v` a part of one, by case. */
function hasTags(term: FieldTerm, bind: (value: string) => string): string {
  if (term.kind === 'exact' && term.value === '*') return 'artifact.tag_count > 0';
  if (term.kind === 'exact' && term.value === 'nil') return 'artifact.tag_count = 0';
  if (term.kind === 'exact') return tagWhere(`tag.name = ${bind(term.value)}::text`);
  if (term.kind === 'fuzzy') return tagWhere(`strpos(tag.name, ${bind(term.value)}::text) > 0`);
  throw new InvalidListQueryError('tags takes *, nil, a tag, or a part of one after ~');
}

// The repository is named again so that the index of its tags finds the few rows.
function tagWhere(condition: string): string {
  return `EXISTS (SELECT FROM tag WHERE tag.repository_id = artifact.repository_id AND tag.artifact_id = artifact.id AND ${condition})`;
}
