import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { TextField } from '../../rest/fields.decorator.js';

export class PermissionResponse {
  @TextField({ description: 'Absolute, `/project/7/repository`, or relative to the scope, `repository`.' })
  resource!: string;
  @TextField() action!: string;
}

export class CurrentPermissionsQuery {
  @ApiPropertyOptional({ type: 'string', description: '`/project/<id>` or `/system`.' })
  @IsOptional()
  @IsString()
  scope?: string;

  @ApiPropertyOptional({ type: 'boolean', description: 'Resources relative to the scope.' })
  @IsOptional()
  @IsBoolean()
  relative?: boolean;
}
