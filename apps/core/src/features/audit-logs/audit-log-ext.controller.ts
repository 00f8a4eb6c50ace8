import { AUDIT_EVENT_TYPES, AuditLogReader } from '@breakwater/audit';
import { ListQuery } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Get, Query } from '@nestjs/common';
import { Authorize, SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsList, ReturnsPage } from '../../rest/operation.decorator.js';
import { AuditLogEventTypeResponse, AuditLogExtResponse } from './audit-log.dto.js';
import { auditLogExtList } from './audit-log-list.js';
import { AuditLogScopes } from './audit-log-scopes.js';

@ApiController('auditlog-exts', 'auditlog')
export class AuditLogExtController {
  constructor(
    private readonly reader: AuditLogReader,
    private readonly scopes: AuditLogScopes,
  ) {}

  @Get()
  @SignedIn()
  @Operation('listAuditLogExts', 'Who did what, the newest first: all of it, or of projects whose log one may see.')
  @ReturnsPage(AuditLogExtResponse, { isFilterable: true })
  @Fails(400)
  async listAuditLogExts(
    @CurrentActor() actor: Actor,
    @Query() query: ListQuery,
  ): Promise<Listed<AuditLogExtResponse>> {
    return auditLogExtList(this.reader, await this.scopes.of(actor), query);
  }

  @Get('events')
  @Authorize('audit-log:list')
  @Operation('listAuditLogEventTypes', 'What is written down: `<operation>_<resource type>`.')
  @ReturnsList(AuditLogEventTypeResponse)
  listAuditLogEventTypes(): AuditLogEventTypeResponse[] {
    return AUDIT_EVENT_TYPES.map((type) => AuditLogEventTypeResponse.of(type));
  }
}
