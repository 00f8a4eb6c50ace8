import { Module } from '@nestjs/common';
import { JobDashboard } from './job-dashboard.service.js';
import { JobserviceController } from './jobservice.controller.js';

@Module({ controllers: [JobserviceController], providers: [JobDashboard] })
export class JobserviceModule {}
