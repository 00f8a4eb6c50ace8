import { Module } from '@nestjs/common';
import { ProjectMetadataController } from './project-metadata.controller.js';

@Module({ controllers: [ProjectMetadataController] })
export class ProjectMetadatasModule {}
