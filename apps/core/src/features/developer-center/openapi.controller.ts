import { Get, Header } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { Open } from '../../access/authorize.decorator.js';
import { ApiDocument } from '../../openapi/api-document.js';
import { AddedOperation, ApiController } from '../../rest/operation.decorator.js';

@ApiController('openapi.json', 'openapi')
export class OpenApiController {
  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Open()
  @AddedOperation('getOpenApi', 'This document.')
  @ApiResponse({ status: 200, description: 'OpenAPI 3.', schema: { type: 'object' } })
  @Header('Content-Type', 'application/json; charset=utf-8')
  getOpenApi(): string {
    return this.document.json;
  }
}
