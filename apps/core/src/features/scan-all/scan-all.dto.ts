import { harborTime } from '@breakwater/http';
import {
  InvalidScanScheduleError,
  type AskedSchedule,
  type ScanAllMetrics,
  type ScanAllSchedule,
} from '@breakwater/scanning';
import {
  BooleanField,
  IntegerField,
  MapField,
  ObjectField,
  TextField,
  TimeField,
} from '../../rest/fields.decorator.js';

export class ScanAllScheduleTimes {
  @TextField({ description: '`Hourly`, `Daily`, `Weekly`, `Custom`; `Manual` is now, `None` never.' }) type?: string;
  @TextField({ description: 'Six fields, seconds first, in UTC.', example: '0 0 2 * * *' }) cron?: string;
  @TimeField() next_scheduled_time?: string;
}

export class ScanAllScheduleBody {
  @IntegerField() id?: number;
  @TextField() status?: string;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;
  @ObjectField(() => ScanAllScheduleTimes) schedule?: ScanAllScheduleTimes;
  @MapField({ type: 'object' }) parameters?: Record<string, object>;

  static of(schedule: ScanAllSchedule): ScanAllScheduleBody {
    return Object.assign(new ScanAllScheduleBody(), {
      id: schedule.id,
      status: 'Scheduled',
      creation_time: harborTime(schedule.createdAt),
      update_time: harborTime(schedule.updatedAt),
      schedule: {
        type: schedule.cronType,
        cron: schedule.cron,
        next_scheduled_time: harborTime(schedule.nextFireAt),
      },
    });
  }

  /** @returns null for none. @throws InvalidScanScheduleError */
  toAsked(): AskedSchedule | 'now' | null {
    const { type = '', cron = '' } = this.schedule ?? {};
    switch (type) {
      case 'Manual':
        return 'now';
      case 'None':
        return null;
      case 'Hourly':
      case 'Daily':
      case 'Weekly':
      case 'Custom':
        return { type, cron };
      case 'Schedule':
        return { type: 'Custom', cron };
      default:
        throw new InvalidScanScheduleError(`schedule.type cannot be ${JSON.stringify(type)}`);
    }
  }
}

export class ScanAllStatsResponse {
  @IntegerField() total?: number;
  @IntegerField() completed?: number;
  @MapField({ type: 'integer' }, { description: 'By status.' }) metrics?: Record<string, number>;
  @BooleanField() ongoing?: boolean;
  @TextField({ description: '`Manual` or `Schedule`.' }) trigger?: string;

  /** @param metrics  null where there is nothing to tell of. */
  static of(metrics: ScanAllMetrics | null): ScanAllStatsResponse {
    if (metrics === null) return { total: 0, completed: 0, metrics: {}, ongoing: false };
    const { total, completed, byStatus, isOngoing, trigger } = metrics;
    return { total, completed, metrics: { ...byStatus }, ongoing: isOngoing, trigger };
  }
}
