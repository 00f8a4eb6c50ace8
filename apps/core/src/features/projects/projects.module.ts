import { Module } from '@nestjs/common';
import { ProjectController } from './project.controller.js';
import { ProjectCreation } from './project-creation.js';
import { ProjectViews } from './project-views.js';

@Module({ controllers: [ProjectController], providers: [ProjectCreation, ProjectViews], exports: [ProjectViews] })
export class ProjectsModule {}
