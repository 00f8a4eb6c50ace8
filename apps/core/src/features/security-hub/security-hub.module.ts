import { Module } from '@nestjs/common';
import { SecurityHubController } from './security-hub.controller.js';

@Module({ controllers: [SecurityHubController] })
export class SecurityHubModule {}
