import type { JobHandler, JobOutcome, RunningTask } from '@breakwater/jobs';
import type { ScanAllWalk } from '@breakwater/scanning';

/** Walks over everything and adds the scans; the execution goes on until the last of them has ended. */
export class ScanAllHandler implements JobHandler {
  constructor(private readonly walk: ScanAllWalk) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    const { after, added: before } = task.extraAttributes;
    const by = task.executionExtraAttributes['operator'];
    const start = typeof after === 'number' ? after : 0;
    if (start > 0) task.log(`goes on after artifact ${start}`);
    const added = await this.walk.run({
      executionId: task.executionId,
      by: typeof by === 'string' ? by : 'scheduler',
      signal: task.signal,
      after: start,
      remember: (artifactId) => task.remember({ after: artifactId }),
      log: (line) => task.log(line),
    });
    const total = added + (typeof before === 'number' ? before : 0);
    task.log(`${total} scans were added`);
    return { statusMessage: `${total} scans were added` };
  }
}
