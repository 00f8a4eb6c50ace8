import { AuditPurge } from '@breakwater/audit';
import type { NewSchedule } from '@breakwater/jobs';
import type { JobEngine, JobFeature, JobParts } from '../job-feature.js';
import { AuditPurgeHandler } from './audit-purge.handler.js';

/** The audit log grows with every pull: old rows go where the settings say so. */
export const auditPurge: JobFeature = {
  register({ worker }: Pick<JobEngine, 'worker'>, { config, database }: JobParts): void {
    worker.register('PURGE_AUDIT_LOG', new AuditPurgeHandler(new AuditPurge(database), config.auditLog.keepDays));
  },
  async prepare({ config, database, jobs }: JobParts): Promise<void> {
    const { vendorType, vendorId } = EVERY_NIGHT;
    await database.unitOfWork.run((tx) =>
      config.auditLog.keepDays > 0
        ? jobs.schedules.putMissing(tx, EVERY_NIGHT)
        : jobs.schedules.remove(tx, vendorType, [vendorId]),
    );
  },
};

const EVERY_NIGHT: NewSchedule = {
  vendorType: 'PURGE_AUDIT_LOG',
  vendorId: -1,
  cronType: 'Custom',
  cron: '0 30 3 * * *',
};
