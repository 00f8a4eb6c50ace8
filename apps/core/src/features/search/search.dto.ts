import type { FoundRepository } from '@breakwater/catalog';
import { omitEmpty } from '@breakwater/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString } from 'class-validator';
import { BooleanField, IntegerField, ListField, TextField } from '../../rest/fields.decorator.js';
import { ProjectResponse } from '../projects/project.dto.js';

export class SearchQuery {
  @ApiProperty({ type: 'string', description: 'A part of the name.' })
  @IsString()
  @IsNotEmpty()
  q!: string;
}

export class SearchRepositoryResponse {
  @IntegerField() project_id?: number;
  @TextField() project_name?: string;
  @BooleanField() project_public?: boolean;
  @TextField({ description: 'With the project.' }) repository_name?: string;
  @IntegerField() pull_count?: number;
  @IntegerField() artifact_count?: number;

  static of(repository: FoundRepository): SearchRepositoryResponse {
    return omitEmpty<SearchRepositoryResponse>({
      project_id: repository.projectId,
      project_name: repository.projectName,
      project_public: repository.isPublic,
      repository_name: repository.name,
      pull_count: repository.pullCount,
      artifact_count: repository.artifactCount,
    });
  }
}

export class SearchResponse {
  @ListField(() => ProjectResponse) project!: ProjectResponse[];
  @ListField(() => SearchRepositoryResponse) repository!: SearchRepositoryResponse[];
}
