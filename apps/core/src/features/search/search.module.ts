import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.js';
import { SearchController } from './search.controller.js';
import { SearchService } from './search.service.js';

@Module({ imports: [ProjectsModule], controllers: [SearchController], providers: [SearchService] })
export class SearchModule {}
