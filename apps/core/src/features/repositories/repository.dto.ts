import type { Repository } from '@breakwater/catalog';
import { harborTime, omitEmpty } from '@breakwater/http';
import { IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

export class RepositoryResponse {
  @IntegerField() id?: number;
  @IntegerField() project_id?: number;
  @TextField({ description: "With the project's." }) name?: string;
  @TextField() description?: string;
  @IntegerField({ description: 'As its list shows them: no accessories, no untagged parts of an index.' })
  artifact_count?: number;
  @IntegerField() pull_count?: number;
  @TimeField() creation_time?: string;
  @TimeField({ description: 'When its content changed last.' }) update_time?: string;

  static of(repository: Repository): RepositoryResponse {
    return omitEmpty<RepositoryResponse>(
      {
        id: repository.id,
        project_id: repository.projectId,
        name: repository.name,
        description: repository.description,
        artifact_count: repository.artifactCount,
        pull_count: repository.pullCount,
        creation_time: harborTime(repository.createdAt),
        update_time: harborTime(repository.updatedAt),
      },
      ['artifact_count', 'pull_count'],
    );
  }
}

const MAX_DESCRIPTION_LENGTH = 65_536;

/** Only the description can be changed; clients send the whole repository back. */
export class RepositoryBody {
  @IntegerField() id?: number | null;
  @IntegerField() project_id?: number | null;
  @TextField() name?: string | null;
  @TextField({ maxLength: MAX_DESCRIPTION_LENGTH }) description?: string | null;
  @IntegerField() artifact_count?: number | null;
  @IntegerField() pull_count?: number | null;
  @TimeField() creation_time?: string | null;
  @TimeField() update_time?: string | null;
}
