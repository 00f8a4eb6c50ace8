import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Open } from '../../access/authorize.decorator.js';
import { TextField } from '../../rest/fields.decorator.js';
import { AddedOperation, Returns } from '../../rest/operation.decorator.js';

export class VersionResponse {
  @TextField({ example: 'v2.0' }) version!: string;
}

/** Outside of the versioned API, so that a client can find out which one there is. */
@Controller('api/version')
@ApiTags('version')
export class VersionController {
  @Get()
  @Open()
  @AddedOperation('getVersion', 'Which version of the API is served. Harbor serves it without documenting it.')
  @Returns(VersionResponse)
  getVersion(): VersionResponse {
    return { version: 'v2.0' };
  }
}
