import { CreateOutbox1764000000000, type DatabaseSchema } from '@breakwater/database';
import { jobsSchema } from '../create-jobs.js';

/** All tables that this module needs. */
export const JOBS_SCHEMA: DatabaseSchema = {
  entities: [],
  migrations: [CreateOutbox1764000000000, ...jobsSchema.migrations],
};
