import { AppError } from '@breakwater/errors';

/** Only all schedules together can be paused, so that only of all of them it can be asked. */
export class NotAllSchedulesError extends AppError {
  readonly code = 'NOT_ALL_SCHEDULES';
  readonly kind = 'invalid';
  constructor(asked: string) {
    super('the job_type must be all', { asked });
  }
}
