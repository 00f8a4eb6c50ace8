import { Module } from '@nestjs/common';
import { AllRepositoriesController } from './all-repositories.controller.js';
import { RepositoryController } from './repository.controller.js';

@Module({ controllers: [AllRepositoriesController, RepositoryController] })
export class RepositoriesModule {}
