import type { ArtifactTag } from '@breakwater/catalog';
import { harborTime, ListQuery, omitEmpty } from '@breakwater/http';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { BooleanField, IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

export class TagResponse {
  @IntegerField() id?: number;
  @IntegerField() repository_id?: number;
  @IntegerField() artifact_id?: number;
  @TextField() name?: string;
  @TimeField() push_time?: string;
  @TimeField({ description: 'The year 1 for a tag that was never pulled by.' }) pull_time?: string;
  @BooleanField({ description: 'Whether a rule of the project keeps it where it is.' }) immutable?: boolean;

  static of(tag: ArtifactTag): TagResponse {
    return omitEmpty<TagResponse>(
      {
        id: tag.id,
        repository_id: tag.repositoryId,
        artifact_id: tag.artifactId,
        name: tag.name,
        push_time: harborTime(tag.pushedAt),
        pull_time: harborTime(tag.pulledAt),
        // No project has rules yet.
        immutable: false,
      },
      ['immutable'],
    );
  }
}

export class TagBody {
  @TextField({ isRequired: true }) name!: string;
}

export class TagListQuery extends ListQuery {
  @ApiPropertyOptional({ type: 'boolean', default: false, description: 'With `immutable` found out.' })
  @IsOptional()
  @IsBoolean()
  with_immutable_status?: boolean;
}
