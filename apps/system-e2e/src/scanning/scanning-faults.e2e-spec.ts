import { eventually } from '@breakwater/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Faults } from '@breakwater/scanner-test-adapter';
import { exchange } from '../data-plane/http.js';
import { expectStatus } from '../system/api.js';
import { describeWithTools } from '../system/tools.js';
import { HookReceiver, isSigned, type HookMessage } from './testing/hook-receiver.js';
import type { ScannedImage } from './testing/scanned-image.js';
import { SCAN_TIMEOUT_SECONDS, SECRET, twoOfEach, type ScanningProject } from './testing/two-of-each.js';

const MANY = 40;
/** Of anything that comes by itself. Scans that hang are given up first, and those of a dead worker are found. */
const LONGEST_MS = 180_000;
const WHOLE_STORY = ['PUSH_ARTIFACT', 'SCANNING_COMPLETED'];

describeWithTools(['nats-server'], 'two jobservices and two dispatchers of webhooks', () => {
  const the = twoOfEach();
  let project: ScanningProject;
  let interrupted: { readonly receiver: HookReceiver; readonly first: HookMessage; readonly image: ScannedImage };

  const ends = async (image: ScannedImage, status: string): Promise<void> => {
    await eventually(
      async () => expect(await the().scans.summary(image)).toMatchObject({ scan_status: status }),
      LONGEST_MS,
    );
  };
  const story = ({ digest }: ScannedImage): string[] =>
    the()
      .receiver.about(digest)
      .map(({ type }) => type)
      .sort();
  const isTold = (image: ScannedImage, types = WHOLE_STORY): Promise<void> =>
    eventually(() => expect(story(image)).toEqual(types), LONGEST_MS);
  const reportsOf = ({ digest }: ScannedImage): Promise<object[]> =>
    the().cluster.rows(
      'SELECT report.status FROM scan_report report JOIN artifact ON artifact.id = artifact_id WHERE artifact.digest = $1',
      [digest],
    );
  const get = async <T>(path: string): Promise<T> => (await the().cluster.api.call('GET', path)).json as T;

  beforeAll(async () => {
    project = await the().project();
  });

  it('scan each of many pushes once, and tell each once', async () => {
    const images = await Promise.all(Array.from({ length: MANY }, (_, number) => the().push(project, `app-${number}`)));
    for (const image of images) {
      await ends(image, 'Success');
      await isTold(image);
      expect(await reportsOf(image)).toEqual([{ status: 'Success' }]);
    }
    const { receiver } = the();
    expect(receiver.received).toHaveLength(MANY * WHOLE_STORY.length);
    expect(receiver.received.filter((message) => !isSigned(message, SECRET))).toEqual([]);
    const pools = await get<{ pid: number }[]>('/jobservice/pools');
    expect(pools.map(({ pid }) => pid).sort()).toEqual(
      the()
        .cluster.jobservices.map(({ pid }) => pid)
        .sort(),
    );
  });

  it('go on where a dispatcher was killed in mid-delivery', async () => {
    const receiver = await HookReceiver.start();
    receiver.answer = () => undefined;
    const quiet = await the().project({}, receiver.url);
    const image = await the().push(quiet, 'app');
    const first = await eventually(() => {
      const [message] = receiver.about(image.digest, 'PUSH_ARTIFACT');
      if (message === undefined) throw new Error('nothing has arrived');
      return message;
    });
    await Promise.all(the().cluster.webhooks.map((app) => app.kill()));
    receiver.answer = (response) => void response.end();
    await Promise.all(the().cluster.webhooks.map((app) => app.start()));
    // Theirs is due when they are known to be dead, which takes a while. What comes after does not wait for it.
    interrupted = { receiver, first, image };
    const next = await the().push(project, 'after-the-dispatchers');
    await isTold(next);
  });

  it('scan and tell of what was pushed while NATS was away', async () => {
    const { nats, rows } = { nats: the().cluster.nats, rows: (sql: string) => the().cluster.rows(sql) };
    await nats.stop('SIGKILL');
    const image = await the().push(project, 'without-nats');
    expect(await rows(`SELECT FROM outbox_event WHERE subject LIKE 'events.catalog.%'`)).not.toEqual([]);
    expect(story(image)).toEqual([]);
    await nats.start();
    await ends(image, 'Success');
    await isTold(image);
    expect(await reportsOf(image)).toEqual([{ status: 'Success' }]);
  });

  it('bring a scan to its end whose jobservice was killed, without asking the adapter again', async () => {
    const slow = await the().project({ faults: { report: { kind: 'not-ready' } } });
    const image = await the().push(slow, 'app');
    await eventually(() => expect(slow.adapter.calls.join()).toMatch(/\/report 302/));
    const [busy] = await eventually(async () => {
      const workers = await get<{ pool_id: string; job_name?: string }[]>('/jobservice/pools/all/workers');
      const scanning = workers.filter((worker) => worker.job_name === 'IMAGE_SCAN');
      // Of earlier tests none is left.
      expect(scanning).toHaveLength(1);
      return scanning;
    });
    const pools = await get<{ worker_pool_id: string; pid: number }[]>('/jobservice/pools');
    const pid = pools.find((pool) => pool.worker_pool_id === busy?.pool_id)?.pid;
    const victim = the().cluster.jobservices.find((app) => app.pid === pid);
    await victim?.kill();
    slow.adapter.setFaults({});
    await ends(image, 'Success');
    expect(await the().scans.log(image)).toContain('goes on with scan');
    expect(slow.adapter.requests).toHaveLength(1);
    expect(await reportsOf(image)).toEqual([{ status: 'Success' }]);
    await victim?.start();
    await isTold(image);
  });

  describe('with adapters that', () => {
    const timedOut = `has not come to a report within ${SCAN_TIMEOUT_SECONDS} s`;
    const FAULTS: readonly (readonly [string, Faults, string])[] = [
      ['hang', { submit: { kind: 'hang' } }, timedOut],
      ['hang with the report', { report: { kind: 'slow' } }, timedOut],
      ['are never ready', { report: { kind: 'not-ready' } }, timedOut],
      ['name an internal address as long as they are not ready', { report: { kind: 'not-ready-inside' } }, timedOut],
      ['redirect to an internal address', { submit: { kind: 'redirect-inside' } }, '307'],
      ['redirect to an internal address for the report', { report: { kind: 'redirect-inside' } }, '307'],
      ['send broken JSON', { report: { kind: 'broken-json' } }, 'ends too early'],
      ['send 1 GiB', { report: { kind: 'huge' } }, 'larger than'],
    ];
    const bad = new Map<string, { readonly project: ScanningProject; readonly image: ScannedImage }>();
    let good: ScannedImage;

    beforeAll(async () => {
      for (const [name, faults] of FAULTS) {
        const faulty = await the().project({ faults });
        bad.set(name, { project: faulty, image: await the().push(faulty, 'app') });
      }
      good = await the().push(project, 'beside-the-bad');
    });

    it.each(FAULTS)('%s: the scan fails with the reason, and that is told', async (name, _, reason) => {
      const { image } = bad.get(name) ?? { image: good };
      await ends(image, 'Error');
      expect(await the().scans.log(image)).toContain(reason);
      await isTold(image, ['PUSH_ARTIFACT', 'SCANNING_FAILED']);
    });

    it('others are scanned, and no worker is kept', async () => {
      await ends(good, 'Success');
      await eventually(async () => {
        const workers = await get<{ job_id?: string }[]>('/jobservice/pools/all/workers');
        expect(workers.filter((worker) => worker.job_id !== undefined)).toEqual([]);
      });
    });

    it('no credential is left, and none works', async () => {
      expect(await the().cluster.rows('SELECT holder FROM pull_credential')).toEqual([]);
      const requests = the().adapters.flatMap((adapter) => adapter.requests);
      expect(requests.length).toBeGreaterThan(MANY);
      for (const { registry, artifact } of requests.slice(-FAULTS.length - 1)) {
        const url = new URL(`/v2/${artifact.repository}/manifests/${artifact.digest}`, registry.url);
        const headers = { authorization: registry.authorization ?? '' };
        await eventually(async () => expect(await exchange('GET', url, { headers })).toMatchObject({ status: 401 }));
      }
    });

    it('they scan again as soon as they behave', async () => {
      const { project: once, image } = bad.get('send broken JSON') ?? { project, image: good };
      once.adapter.setFaults({});
      expectStatus(await the().cluster.api.call('POST', `${the().scans.pathOf(image)}/scan`), 202);
      await ends(image, 'Success');
    });
  });

  it('fire a schedule once, and scan everything once each time', async () => {
    for (const adapter of the().adapters) adapter.setFaults({});
    const asked = (): number => the().adapters.reduce((sum, { requests }) => sum + requests.length, 0);
    const before = asked();
    const plan = async (method: string, type: string, cron: string, status: number): Promise<void> =>
      expectStatus(
        await the().cluster.api.call(method, '/system/scanAll/schedule', { body: { schedule: { type, cron } } }),
        status,
      );
    await plan('POST', 'Custom', '0 * * * * *', 201);
    const fired = (): Promise<{ minute: Date; status: string }[]> =>
      the().cluster.rows(
        `SELECT date_trunc('minute', started_at) AS minute, status FROM execution
          WHERE vendor_type = 'SCAN_ALL' AND trigger = 'SCHEDULE'`,
      );
    await eventually(async () => expect(await fired()).not.toEqual([]), 100_000);
    await plan('PUT', 'None', '', 200);
    await eventually(async () => {
      const executions = await fired();
      expect(executions.map(({ status }) => status)).toEqual(executions.map(() => 'Success'));
    }, LONGEST_MS);
    const executions = await fired();
    expect(new Set(executions.map(({ minute }) => minute.getTime())).size).toBe(executions.length);
    const [images] = await the().cluster.rows<{ count: number }>('SELECT count(*)::int AS count FROM artifact');
    expect(asked() - before).toBe((images?.count ?? 0) * executions.length);
  }, 360_000);

  it('deliver what the killed dispatchers had under way once more, with its id', async () => {
    const { receiver, first, image } = interrupted;
    const key = 'x-breakwater-delivery';
    const sent = await eventually(() => {
      const messages = receiver.about(image.digest, 'PUSH_ARTIFACT');
      expect(messages.length).toBeGreaterThan(1);
      return messages;
    }, LONGEST_MS);
    expect(sent.map(({ headers }) => headers[key])).toEqual(sent.map(() => first.headers[key]));
    expect(sent.map(({ body }) => body)).toEqual(sent.map(() => first.body));
    await eventually(() => expect(receiver.about(image.digest, 'SCANNING_COMPLETED').length).toBeGreaterThan(0));
    await eventually(async () => {
      const policies = `/projects/${image.project}/webhook/policies`;
      const [policy] = await get<{ id: number }[]>(policies);
      const executions = await get<{ status: string }[]>(`${policies}/${policy?.id}/executions`);
      expect(executions.map(({ status }) => status)).toEqual(executions.map(() => 'Success'));
    });
    receiver.stop();
  }, 360_000);
});
