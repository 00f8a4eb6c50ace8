import type { ArtifactParts } from '@breakwater/catalog';
import { ListQuery, PageQuery } from '@breakwater/http';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString } from 'class-validator';

/** Which parts of artifacts an answer has. */
export interface WantedParts {
  readonly with_tag: boolean;
  readonly with_accessory?: boolean;
  readonly with_inherited_accessory?: boolean;
  readonly with_scan_overview?: boolean;
  readonly with_sbom_overview?: boolean;
}

export function partsOf(query: WantedParts): ArtifactParts {
  return {
    tags: query.with_tag,
    accessories: query.with_accessory ?? false,
    inheritedAccessories: query.with_inherited_accessory ?? false,
    overviews: (query.with_scan_overview ?? false) || (query.with_sbom_overview ?? false),
  };
}

export class ArtifactListQuery extends ListQuery implements WantedParts {
  @Part('With tags.', true) with_tag: boolean = true;
  @Part('With labels.') with_label?: boolean;
  @Part('With a summary of the last scan.') with_scan_overview?: boolean;
  @Part('With a summary of the SBOM.') with_sbom_overview?: boolean;
  @Part('With what rules say of the tags.') with_immutable_status?: boolean;
  @Part('With what is attached to it.') with_accessory?: boolean;
  @Part('With what is attached to the indexes that hold it.') with_inherited_accessory?: boolean;
}

export class ProjectArtifactListQuery extends ArtifactListQuery {
  @Part('Only the newest of each repository; needs a condition on `media_type` or on `artifact_type`.')
  latest_in_repository?: boolean;
}

/** Harbor's has pages, which mean nothing for one artifact. */
export class ArtifactQuery extends PageQuery implements WantedParts {
  @Part('With tags.', true) with_tag: boolean = true;
  @Part('With labels.') with_label?: boolean;
  @Part('With a summary of the last scan.') with_scan_overview?: boolean;
  @Part('With a summary of the SBOM.') with_sbom_overview?: boolean;
  @Part('With what is attached to it.') with_accessory?: boolean;
  @Part('With what is attached to the indexes that hold it.') with_inherited_accessory?: boolean;
  @Part('Of an old kind that is no more.') with_signature?: boolean;
  @Part('With what rules say of the tags.') with_immutable_status?: boolean;
}

export class CopySourceQuery {
  @ApiProperty({ type: 'string', description: '`project/repository:tag` or `project/repository@digest`.' })
  @IsString()
  from!: string;
}

function Part(description: string, byDefault = false): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'boolean', default: byDefault, description }),
    IsOptional(),
    IsBoolean(),
  );
}
