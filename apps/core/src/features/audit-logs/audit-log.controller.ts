import { AuditLogReader } from '@breakwater/audit';
import { ListQuery } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Get, Query } from '@nestjs/common';
import { SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage } from '../../rest/operation.decorator.js';
import { AuditLogResponse } from './audit-log.dto.js';
import { auditLogList } from './audit-log-list.js';
import { AuditLogScopes } from './audit-log-scopes.js';

@ApiController('audit-logs', 'auditlog')
export class AuditLogController {
  constructor(
    private readonly reader: AuditLogReader,
    private readonly scopes: AuditLogScopes,
  ) {}

  @Get()
  @SignedIn()
  @Operation('listAuditLogs', 'What succeeded, as older clients read it.')
  @ReturnsPage(AuditLogResponse, { isFilterable: true })
  @Fails(400)
  async listAuditLogs(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<Listed<AuditLogResponse>> {
    return auditLogList(this.reader, await this.scopes.of(actor), query);
  }
}
