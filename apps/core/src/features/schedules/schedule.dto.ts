import { harborTime, omitEmpty } from '@breakwater/http';
import type { Schedule } from '@breakwater/jobs';
import { BooleanField, IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

export class ScheduleTaskResponse {
  @IntegerField() id?: number;
  @TextField({ description: 'What is set going, e.g. `SCAN_ALL`.' }) vendor_type?: string;
  @IntegerField({ description: 'The object that it belongs to.' }) vendor_id?: number;
  @TextField({ description: 'Six fields, seconds first; in UTC.' }) cron?: string;
  @TimeField() update_time?: string;

  static of(schedule: Schedule): ScheduleTaskResponse {
    return omitEmpty<ScheduleTaskResponse>({
      id: schedule.id,
      vendor_type: schedule.vendorType,
      vendor_id: schedule.vendorId,
      cron: schedule.cron,
      update_time: harborTime(schedule.updatedAt),
    });
  }
}

export class SchedulerStatusResponse {
  @BooleanField() paused!: boolean;
}
