import type { Accessory } from '@breakwater/catalog';
import { harborTime, omitEmpty } from '@breakwater/http';
import { IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

export class AccessoryResponse {
  @IntegerField() id?: number;
  @IntegerField() artifact_id?: number;
  @IntegerField() subject_artifact_id?: number;
  @TextField() subject_artifact_digest?: string;
  @TextField() subject_artifact_repo?: string;
  @IntegerField() size?: number;
  @TextField() digest?: string;
  @TextField({ description: '`signature.cosign`, `signature.notation`, `sbom.harbor`, `subject.accessory`, …' })
  type?: string;
  @TextField() icon?: string;
  @TimeField() creation_time?: string;

  /** An accessory is an artifact, so one id stands for both. */
  static of(accessory: Accessory): AccessoryResponse {
    return omitEmpty<AccessoryResponse>(
      {
        id: accessory.artifactId,
        artifact_id: accessory.artifactId,
        subject_artifact_id: accessory.subjectId,
        subject_artifact_digest: accessory.subjectDigest,
        subject_artifact_repo: accessory.repository,
        size: accessory.sizeBytes,
        digest: accessory.digest,
        type: accessory.type,
        icon: accessory.icon,
        creation_time: harborTime(accessory.createdAt),
      },
      ['artifact_id', 'subject_artifact_digest', 'subject_artifact_repo', 'size', 'digest', 'type', 'icon'],
    );
  }
}
