import { InvalidProjectMetadataError } from './project-metadata.errors.js';
import { METADATA_VALUE, type MetadataRule, type ProjectMetadataKey } from './project-metadata-value.js';

/** Settings of a project as the API has them: every value is a string. A missing key means its default. */
export type ProjectMetadata = Partial<Record<ProjectMetadataKey, string>>;

/** What a body may hold. Keys that we do not know are ignored, as every unknown property is. */
export type GivenMetadata = Readonly<Record<string, string | null | undefined>>;

/** What an update does: keys that appear in neither list stay as they are. */
export interface MetadataChange {
  readonly set: ProjectMetadata;
  /** Given as an empty string: back to the default. */
  readonly clear: readonly ProjectMetadataKey[];
}

export interface MetadataContext {
  /** Is the project a proxy cache, that is, does it have an upstream registry? */
  readonly isProxyCache: boolean;
}

/**
 * Metadata of a project to be made: `public` is always there, values are normalised.
 *
 * @param legacyPublic  the boolean of old clients beside the metadata; read only where `metadata.public` is absent.
 * @throws InvalidProjectMetadataError  a value that its key cannot have, or a `retention_id`: retention policies set it.
 */
export function metadataForCreation(
  given: GivenMetadata,
  context: MetadataContext,
  legacyPublic?: boolean | null,
): ProjectMetadata & { readonly public: string } {
  if (given['retention_id']) throw new InvalidProjectMetadataError('retention_id', 'only a retention policy sets it');
  const { set } = readGiven(given, context);
  return { ...set, public: set.public ?? String(legacyPublic ?? false) };
}

/**
 * The change that an update of the project makes.
 *
 * @throws InvalidProjectMetadataError  a value that its key cannot have, or a `retention_id` other than the current.
 */
export function metadataForUpdate(
  given: GivenMetadata,
  current: ProjectMetadata,
  context: MetadataContext,
): MetadataChange {
  const retentionId = given['retention_id'];
  if (retentionId && retentionId !== current.retention_id) {
    throw new InvalidProjectMetadataError('retention_id', 'only a retention policy sets it');
  }
  return readGiven(given, context);
}

/**
 * The one entry that a call of the metadata sub-API (`/projects/{p}/metadatas`) sets, with its value normalised.
 *
 * @param only  the key of the path, where there is one: the body must hold exactly that.
 * @throws InvalidProjectMetadataError  not exactly one key, a key that cannot be set here, or a value it cannot have.
 */
export function metadataEntry(
  given: GivenMetadata,
  context: MetadataContext,
  only?: string,
): { readonly key: ProjectMetadataKey; readonly value: string } {
  const keys = Object.keys(given);
  const key = keys[0];
  if (key === undefined || keys.length > 1) {
    throw new InvalidProjectMetadataError('', `exactly one key is expected, and ${keys.length} were given`);
  }
  if (only !== undefined && key !== only) throw new InvalidProjectMetadataError(key, `the path names the key ${only}`);
  if (!isProjectMetadataKey(key)) throw new InvalidProjectMetadataError(key, 'no such key');
  const rule: MetadataRule = METADATA_VALUE[key];
  if (rule.isReadOnly) throw new InvalidProjectMetadataError(key, 'it cannot be set here');
  if (rule.elsewhere === 'refused' && !context.isProxyCache) {
    throw new InvalidProjectMetadataError(key, 'only a proxy cache project has it');
  }
  return { key, value: rule.normalise(key, given[key] ?? '') };
}

export function isProjectMetadataKey(key: string): key is ProjectMetadataKey {
  return Object.hasOwn(METADATA_VALUE, key);
}

function readGiven(given: GivenMetadata, context: MetadataContext): MetadataChange {
  const set: ProjectMetadata = {};
  const clear: ProjectMetadataKey[] = [];
  for (const key of Object.keys(METADATA_VALUE) as ProjectMetadataKey[]) {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    const rule: MetadataRule = METADATA_VALUE[key];
    // What the kind of project has no use for is dropped without a word: forms send all their fields.
    const hasNoUse = context.isProxyCache ? key === 'enable_content_trust' : rule.elsewhere !== 'kept';
    if (value === null || value === undefined || rule.isReadOnly || hasNoUse) continue;
    if (key === 'public') set[key] = plainBoolean(key, value);
    else if (value === '') clear.push(key);
    else set[key] = rule.normalise(key, value);
  }
  return { set, clear };
}

/** Whether a project is public is not left to a spelling: a body says "true" or "false". */
function plainBoolean(key: string, value: string): string {
  if (value === 'true' || value === 'false') return value;
  throw new InvalidProjectMetadataError(key, 'expected "true" or "false"');
}
