import { Module } from '@nestjs/common';
import { ScanAllController } from './scan-all.controller.js';
import { ScanMetricsController } from './scan-metrics.controller.js';

@Module({ controllers: [ScanAllController, ScanMetricsController] })
export class ScanAllModule {}
