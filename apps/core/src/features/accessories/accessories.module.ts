import { Module } from '@nestjs/common';
import { AccessoryController } from './accessory.controller.js';

@Module({ controllers: [AccessoryController] })
export class AccessoriesModule {}
