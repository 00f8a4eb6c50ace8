import type { JobHandler, JobOutcome, RunningTask } from '@breakwater/jobs';
import type { ScanAllWalk } from '@breakwater/scanning';

/** Walks over everything and adds the scans; the execution goes on until the last of them has ended. */
export class ScanAllHandler implements JobHandler {
  constructor(private readonly walk: ScanAllWalk) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    const { after, added } = task.extraAttributes;
    const by = task.executionExtraAttributes['operator'];
    const start = typeof after === 'number' ? after : 0;
    const before = typeof added === 'number' ? added : 0;
    if (start > 0) task.log(`goes on after artifact ${start}, with ${before} scans added`);
    const now = await this.walk.run({
      executionId: task.executionId,
      by: typeof by === 'string' ? by : 'scheduler',
      signal: task.signal,
      after: start,
      remember: (artifactId, more) => {
        task.progress(before + more, 0);
        return task.remember({ after: artifactId, added: before + more });
      },
      log: (line) => task.log(line),
    });
    const statusMessage = `${before + now} scans were added`;
    task.log(statusMessage);
    return { statusMessage };
  }
}
