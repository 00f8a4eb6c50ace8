import { Module } from '@nestjs/common';
import { TagController } from './tag.controller.js';

@Module({ controllers: [TagController] })
export class TagsModule {}
