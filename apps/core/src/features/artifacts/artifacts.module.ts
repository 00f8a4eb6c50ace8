import { Module } from '@nestjs/common';
import { ArtifactController } from './artifact.controller.js';
import { ArtifactCopies } from './artifact-copies.js';
import { ProjectArtifactsController } from './project-artifacts.controller.js';

@Module({ controllers: [ArtifactController, ProjectArtifactsController], providers: [ArtifactCopies] })
export class ArtifactsModule {}
