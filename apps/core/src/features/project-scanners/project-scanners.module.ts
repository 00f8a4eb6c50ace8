import { Module } from '@nestjs/common';
import { ScannersModule } from '../scanners/scanners.module.js';
import { ProjectScannerController } from './project-scanner.controller.js';

@Module({ imports: [ScannersModule], controllers: [ProjectScannerController] })
export class ProjectScannersModule {}
