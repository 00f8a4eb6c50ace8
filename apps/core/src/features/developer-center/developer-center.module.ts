import { Module } from '@nestjs/common';
import { ApiDocument } from '../../openapi/api-document.js';
import { DeveloperCenterController } from './developer-center.controller.js';
import { OpenApiController } from './openapi.controller.js';

@Module({
  controllers: [DeveloperCenterController, OpenApiController],
  providers: [ApiDocument],
  exports: [ApiDocument],
})
export class DeveloperCenterModule {}
