import { AuditLogReader, type AuditLogScope } from '@breakwater/audit';
import { ListQuery } from '@breakwater/http';
import { Get, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage } from '../../rest/operation.decorator.js';
import { AuditLogExtResponse, AuditLogResponse } from './audit-log.dto.js';
import { auditLogExtList, auditLogList } from './audit-log-list.js';

/** By the id of the project that was decided on: one made again under a name does not show what its forerunner did. */
@ApiController('projects/:project_name', 'project')
export class ProjectLogController {
  constructor(private readonly reader: AuditLogReader) {}

  @Get('auditlog-exts')
  @Authorize('log:list')
  @Operation('getLogExts', 'Who did what in the project, the newest first.')
  @ReturnsPage(AuditLogExtResponse, { isFilterable: true })
  @Fails(400)
  getLogExts(@InProject() scope: ProjectScope, @Query() query: ListQuery): Promise<Listed<AuditLogExtResponse>> {
    return auditLogExtList(this.reader, of(scope), query);
  }

  @Get('logs')
  @Authorize('log:list')
  @Operation('getLogs', 'What succeeded in the project, as older clients read it.')
  @ReturnsPage(AuditLogResponse, { isFilterable: true })
  @Fails(400)
  getLogs(@InProject() scope: ProjectScope, @Query() query: ListQuery): Promise<Listed<AuditLogResponse>> {
    return auditLogList(this.reader, of(scope), query);
  }
}

function of({ project }: ProjectScope): AuditLogScope {
  return { kind: 'projects', projectIds: [project.id] };
}
