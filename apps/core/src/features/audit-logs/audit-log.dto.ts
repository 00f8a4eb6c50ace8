import type { AuditEventType, AuditLogRow } from '@breakwater/audit';
import { harborTime } from '@breakwater/http';
import { BooleanField, IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

/** As the older operations answer. */
export class AuditLogResponse {
  @IntegerField() id?: number;
  @TextField({ description: 'Who did it, by the name of then; `anonymous` for nobody.' }) username?: string;
  @TextField({ example: 'library/alpine:3.20' }) resource?: string;
  @TextField({ example: 'artifact' }) resource_type?: string;
  @TextField({ example: 'create' }) operation?: string;
  @TimeField() op_time?: string;

  static of({ id, username, resource, resourceType, operation, at }: AuditLogRow): AuditLogResponse {
    return { id, username, resource, resource_type: resourceType, operation, op_time: harborTime(at) };
  }
}

export class AuditLogExtResponse extends AuditLogResponse {
  @TextField() operation_description?: string;
  @BooleanField({ description: 'False for what was tried and refused. Always there.' }) operation_result?: boolean;

  static override of(row: AuditLogRow): AuditLogExtResponse {
    const { description, isSuccess } = row;
    return { ...AuditLogResponse.of(row), operation_description: description, operation_result: isSuccess };
  }
}

export class AuditLogEventTypeResponse {
  @TextField({ example: 'create_artifact' }) event_type?: string;

  static of(type: AuditEventType): AuditLogEventTypeResponse {
    return { event_type: type };
  }
}
