import { type ArtifactKind, type ExtraAttributes, artifactKindOf, extraAttributesOf } from '@breakwater/domain';
import { type Descriptor, type Manifest, MediaType, type RepositoryName } from '@breakwater/oci';
import { type BlobStore, ObjectMissingError, ObjectTruncatedError } from '@breakwater/storage';
import { text } from 'node:stream/consumers';
import type { BlobService } from '../blobs/blob.service.js';
import type { StoredBlob } from '../blobs/stored-blob.js';
import { ManifestBlobUnknownError } from './manifest.errors.js';
import { storableJson } from './storable-json.js';

/** What the product shows of an artifact beyond what its manifest says of itself. */
export interface ArtifactDescription {
  readonly kind: ArtifactKind;
  readonly extraAttributes: ExtraAttributes;
}

/** A larger config is data, not a description. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Looks into the config of an artifact. Strangers wrote it: whatever it holds, the push goes on. */
export class ManifestInspector {
  constructor(
    private readonly blobs: BlobService,
    private readonly store: BlobStore,
  ) {}

  /** Reads from the storage, so it is called before the transaction that holds locks. */
  async describe(repository: RepositoryName, manifest: Manifest): Promise<ArtifactDescription> {
    const kind = artifactKindOf(manifest);
    const config = manifest.config === null ? null : await this.readConfig(repository, manifest.config);
    const extraAttributes = storableJson(extraAttributesOf(kind.type, manifest, config)) as ExtraAttributes;
    return { kind, extraAttributes };
  }

  /**
   * @returns null for a config that is not here, too large, or no JSON.
   * @throws ManifestBlobUnknownError  it is on record, but the storage has lost it: better told now than at the pull.
   */
  private async readConfig(repository: RepositoryName, config: Descriptor): Promise<unknown> {
    if (config.mediaType === MediaType.OciEmpty) return null;
    const blob = await this.blobs.find(repository, config.digest);
    if (blob === null || blob.sizeBytes > MAX_CONFIG_BYTES) return null;
    return parsed(await this.readText(repository, blob));
  }

  private async readText(repository: RepositoryName, { objectKey, digest, sizeBytes }: StoredBlob): Promise<string> {
    try {
      const reader = await this.store.read(objectKey, { start: 0, end: sizeBytes });
      return await text(reader.stream());
    } catch (error) {
      const isLost = error instanceof ObjectMissingError || error instanceof ObjectTruncatedError;
      throw isLost ? new ManifestBlobUnknownError(repository, [digest]) : error;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
