import { Module } from '@nestjs/common';
import { AdditionController } from './addition.controller.js';

@Module({ controllers: [AdditionController] })
export class AdditionsModule {}
