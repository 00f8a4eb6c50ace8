import { Module } from '@nestjs/common';
import { ScanExportController } from './scan-export.controller.js';

@Module({ controllers: [ScanExportController] })
export class ScanExportsModule {}
