import { Outbox } from '@breakwater/database';
import { MessageBus, OutboxRelay, outboxWaker } from '@breakwater/messaging';
import { SILENT } from '@breakwater/observability';
import { describeWithNats, eventually, testNats } from '@breakwater/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createJobs } from '../create-jobs.js';
import { Scheduler } from '../schedules/scheduler.js';
import { aTask, createJobsWorld, Gate, workerOf, type JobsWorld } from '../testing/jobs-world.js';
import { jobNotifier, wakeByMessages } from './job-messages.js';

/** Nobody finds anything by looking. */
const NEVER_MS = 3_600_000;

describeWithNats('workers, by messages', () => {
  let world: JobsWorld;
  let bus: MessageBus;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    world = await createJobsWorld();
    bus = MessageBus.connect({ url: (await testNats()).url, name: 'test', logger: SILENT });
    await eventually(() => bus.ping());
    const relay = new OutboxRelay({ database: world.database, bus, logger: SILENT });
    relay.start();
    ends.push(() => relay.stop());
  });
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
    await bus.close();
    await world.close();
  });

  /** As in another process: only messages reach it. */
  function aReplica(gate: Gate, concurrency: number): void {
    const jobs = createJobs({ onFailure, database: world.database, outbox: new Outbox() });
    const options = { concurrency, pollMs: NEVER_MS, watchMs: NEVER_MS };
    const worker = workerOf({ database: world.database, jobs, handlers: { RETENTION: gate.run }, options });
    const { service, queues } = jobs;
    const scheduler = new Scheduler({ database: world.database, service, queues, logger: SILENT, pollMs: NEVER_MS });
    worker.start();
    scheduler.start();
    const stopListening = wakeByMessages(bus, { worker, scheduler });
    ends.push(async () => {
      gate.release();
      await Promise.all([stopListening(), scheduler.stop(), worker.stop(5_000)]);
    });
  }

  /** The other side: it tells of what it does. */
  const teller = () =>
    createJobs({
      onFailure,
      database: world.database,
      outbox: new Outbox(outboxWaker(bus)),
      notifier: jobNotifier(bus),
    });

  const submit = (count: number) =>
    world.database.unitOfWork.run((tx) =>
      teller().service.submit(tx, {
        vendorType: 'RETENTION',
        vendorId: 1,
        trigger: 'MANUAL',
        tasks: Array.from({ length: count }, () => aTask()),
      }),
    );

  it('are woken by what is submitted, the others too when it is more than one can begin', async () => {
    const gates = [new Gate(), new Gate()];
    for (const gate of gates) aReplica(gate, 2);
    await submit(4);
    await eventually(() => expect(gates.map(({ begun }) => begun.length)).toEqual([2, 2]));
    for (const gate of gates) gate.release();
    await submit(1);
    await eventually(() => expect(gates.reduce((sum, { begun }) => sum + begun.length, 0)).toBe(5));
  });

  it('are told to stop, and of schedules and queues that may go on', async () => {
    const gate = new Gate();
    aReplica(gate, 2);
    const { executionId } = await submit(1);
    await eventually(() => expect(gate.begun).toHaveLength(1));
    const { service, queues } = teller();
    await service.stop(executionId);
    await eventually(() => expect(gate.begun[0]?.signal.aborted).toBe(true));
    await queues.pause('ann', 'RETENTION');
    await submit(1);
    await queues.resume('ann', 'RETENTION');
    await eventually(() => expect(gate.begun).toHaveLength(2));
  });
});

function onFailure(error: unknown): never {
  throw error;
}
