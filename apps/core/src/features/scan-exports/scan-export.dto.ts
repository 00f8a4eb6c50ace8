import { harborTime } from '@breakwater/http';
import type { ScanDataExport } from '@breakwater/scanning';
import { ApiSchema } from '@nestjs/swagger';
import {
  BooleanField,
  IntegerField,
  IntegerListField,
  ListField,
  TextField,
  TimeField,
} from '../../rest/fields.decorator.js';

export class ScanDataExportRequest {
  @TextField({ maxLength: 255 }) job_name?: string | null;
  @IntegerListField({ description: 'Exactly one.' }) projects?: number[] | null;
  @IntegerListField({ description: 'Ids of labels that artifacts have.' }) labels?: number[] | null;
  @TextField({ description: 'Patterns joined by commas, without blanks; `**` is anything.', example: 'app*,team/**' })
  repositories?: string | null;
  @TextField({ description: 'As `repositories`.' }) cveIds?: string | null;
  /** As Harbor's portal and its Go clients may spell it. */
  @TextField({ description: 'The same as `cveIds`.', isAddition: true }) CVEIds?: string | null;
  @TextField({ description: 'As `repositories`.' }) tags?: string | null;
}

@ApiSchema({ name: 'ScanDataExportJob' })
export class ScanDataExportJobResponse {
  @IntegerField() id?: number;
}

@ApiSchema({ name: 'ScanDataExportExecution' })
export class ScanDataExportExecutionResponse {
  @IntegerField() id?: number;
  @IntegerField() user_id?: number;
  @TextField() status?: string;
  @TextField() trigger?: string;
  @TimeField() start_time?: string;
  @TimeField() end_time?: string;
  @TextField() status_text!: string;
  @TextField() user_name!: string;
  @BooleanField({ description: 'It can be fetched.' }) file_present!: boolean;

  static of({ execution, owner, message, sizeBytes }: ScanDataExport): ScanDataExportExecutionResponse {
    return {
      id: execution.id,
      user_id: owner.accountId,
      status: execution.status,
      trigger: execution.trigger,
      start_time: harborTime(execution.startedAt),
      ...(execution.endedAt === null ? {} : { end_time: harborTime(execution.endedAt) }),
      status_text: message,
      user_name: owner.name,
      file_present: sizeBytes > 0,
    };
  }
}

@ApiSchema({ name: 'ScanDataExportExecutionList' })
export class ScanDataExportExecutionListResponse {
  @ListField(() => ScanDataExportExecutionResponse) items?: ScanDataExportExecutionResponse[];
}
