import { Module } from '@nestjs/common';
import { AuditLogController } from './audit-log.controller.js';
import { AuditLogExtController } from './audit-log-ext.controller.js';
import { AuditLogScopes } from './audit-log-scopes.js';
import { ProjectLogController } from './project-log.controller.js';

@Module({
  controllers: [AuditLogController, AuditLogExtController, ProjectLogController],
  providers: [AuditLogScopes],
})
export class AuditLogsModule {}
