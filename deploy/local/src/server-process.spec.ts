import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServerProcess, type StartedServer } from './server-process.js';

/** A server that ends when a test says so. */
interface FakeServer extends StartedServer {
  end(lastWords: string): void;
}

const FIRST_PAUSE_MS = 1;
const MINUTE_MS = 60_000;

describe('ServerProcess', () => {
  let launched: { readonly port: number; readonly server: FakeServer }[];
  /** What the next launches throw, in their order. */
  let refusals: Error[];
  let known: number[];
  let complaints: string[];
  let process: ServerProcess<FakeServer>;
  /** Resolves with the next one that is started, or with the complaint when there is none any more. */
  let next: () => Promise<FakeServer | string>;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0, doNotFake: EVERYTHING_BUT_THE_DATE });
    [launched, refusals, known, complaints] = [[], [], [], []];
    let tell: (news: FakeServer | string) => void = () => undefined;
    next = () => new Promise((resolve) => (tell = resolve));
    const launch = async (port: number): Promise<FakeServer> => {
      const server = aServer(launched.length + 1);
      launched.push({ port, server });
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return server;
    };
    const pids = {
      add: (_: string, pid: number) => {
        known.push(pid);
        const started = launched.find(({ server }) => server.pid === pid);
        if (started !== undefined) tell(started.server);
      },
      remove: (pid: number) => void (known = known.filter((each) => each !== pid)),
    };
    const giveUp = (message: string): void => {
      complaints.push(message);
      tell(message);
    };
    process = new ServerProcess('postgres', launch, pids, giveUp, FIRST_PAUSE_MS);
  });
  afterEach(async () => {
    await process.stop();
    jest.useRealTimers();
  });

  /** @returns what comes of it: the next one, or the complaint. */
  const endAndWait = (server: FakeServer, lastWords: string): Promise<FakeServer | string> => {
    const following = next();
    server.end(lastWords);
    return following;
  };
  /** Ends one after the other by itself, as often as it is started again. @returns the complaint. */
  const endAll = async (first: FakeServer): Promise<string> => {
    let news: FakeServer | string = first;
    for (let count = 1; typeof news !== 'string'; count++) news = await endAndWait(news, `words ${count}`);
    return news;
  };

  it('starts one again that ends by itself, where it was', async () => {
    const again = await endAndWait(await process.start(), 'killed');
    expect(launched.map(({ port }) => port)).toEqual([0, PORT]);
    expect(known).toEqual([(again as FakeServer).pid]);
    expect(complaints).toEqual([]);
  });

  it('gives up one that ends again and again, after five restarts, and tells its last words', async () => {
    const complaint = await endAll(await process.start());
    expect(complaint).toBe('postgres ended 6 times in a row. Its last words:\nwords 6');
    expect(launched).toHaveLength(1 + 5);
    expect([known, complaints]).toEqual([[], [complaint]]);
  });

  it('counts those that do not even start, and tells why the last one did not', async () => {
    const first = await process.start();
    refusals = Array.from({ length: 5 }, (_, index) => new Error(`no start ${index + 1}`));
    expect(await endAndWait(first, 'killed')).toBe('postgres ended 6 times in a row. Its last words:\nno start 5');
    expect(launched).toHaveLength(1 + 5);
    expect(known).toEqual([]);
  });

  it('forgets what was before one that stayed up for a while', async () => {
    let server = await process.start();
    for (let count = 1; count <= 5; count++) server = (await endAndWait(server, 'killed')) as FakeServer;
    jest.setSystemTime(MINUTE_MS);
    expect(await endAll(server)).toContain('ended 6 times in a row');
    // Five restarts before it, and five again after it.
    expect(launched).toHaveLength(1 + 5 + 5);
  });

  it('starts nothing again once it is stopped, not even what has just ended', async () => {
    const server = await process.start();
    server.end('killed');
    await process.stop();
    expect(launched).toHaveLength(1);
    expect([known, complaints]).toEqual([[], []]);
  });

  it('is not started the first time if it cannot be: whoever called is told', async () => {
    refusals = [new Error('no room')];
    await expect(process.start()).rejects.toThrow('no room');
    expect([launched.length, complaints]).toEqual([1, []]);
  });
});

const PORT = 7001;
const EVERYTHING_BUT_THE_DATE = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

function aServer(pid: number): FakeServer {
  let end: (exit: { readonly lastWords: string }) => void = () => undefined;
  const exited = new Promise<{ readonly lastWords: string }>((resolve) => (end = resolve));
  return {
    port: PORT,
    pid,
    exited,
    end: (lastWords) => end({ lastWords }),
    stop: () => {
      end({ lastWords: '' });
      return Promise.resolve();
    },
  };
}
