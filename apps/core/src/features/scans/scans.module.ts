import { Module } from '@nestjs/common';
import { ScanController } from './scan.controller.js';
import { VulnerabilitiesController } from './vulnerabilities.controller.js';

@Module({ controllers: [ScanController, VulnerabilitiesController] })
export class ScansModule {}
