import { Module } from '@nestjs/common';
import { RegistrationViews } from './registration-views.js';
import { ScannerController } from './scanner.controller.js';

@Module({ controllers: [ScannerController], providers: [RegistrationViews], exports: [RegistrationViews] })
export class ScannersModule {}
