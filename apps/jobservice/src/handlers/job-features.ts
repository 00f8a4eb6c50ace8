import { ExecutionSweep, SWEEP_SCHEDULE } from '@breakwater/jobs';
import { auditPurge } from './audit/audit-purge.feature.js';
import type { JobFeature } from './job-feature.js';
import { ScanningFeature } from './scanning/scanning.feature.js';

const sweep: JobFeature = {
  register: ({ worker }, { database, jobs }) =>
    worker.register('EXECUTION_SWEEP', new ExecutionSweep(database, jobs.objects)),
  prepare: ({ database, jobs }) => database.unitOfWork.run((tx) => jobs.schedules.putMissing(tx, SWEEP_SCHEDULE)),
};

/** Everything that jobservice runs as a job. */
export const JOB_FEATURES: readonly JobFeature[] = [sweep, auditPurge, new ScanningFeature()];
