import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventLoopLag } from './event-loop-lag.js';
import { HealthChecks, type HealthOptions } from './health-checks.js';

let now: number;
let health: HealthChecks;
const ok = async (): Promise<void> => undefined;
const gone = async (): Promise<void> => {
  throw new Error('connection refused');
};

beforeEach(() => {
  jest.useFakeTimers();
  now = Date.parse('2030-01-01T00:00:00Z');
  health = checks({});
});
afterEach(() => {
  health.stop();
  jest.useRealTimers();
});

describe('readiness', () => {
  it('is not given before the first probe answered', async () => {
    health.register('database', ok);
    expect(health.readiness()).toMatchObject({ isReady: false, failing: ['database'] });
    await health.start();
    expect(health.readiness()).toMatchObject({ isReady: true, failing: [] });
  });

  it('names what fails, and comes back with it', async () => {
    let probe = gone;
    health.register('database', () => probe());
    health.register('storage', ok);
    await health.start();
    expect(health.readiness()).toMatchObject({ isReady: false, failing: ['database'] });
    probe = ok;
    now += 5000;
    await jest.advanceTimersByTimeAsync(5000);
    expect(health.readiness()).toMatchObject({
      isReady: true,
      checks: [{ name: 'database', status: 'ok', since: '2030-01-01T00:00:05.000Z' }, { name: 'storage' }],
    });
  });

  it('does not depend on what the process can do without', async () => {
    health.register('nats', gone, { isRequired: false });
    await health.start();
    expect(health.readiness()).toMatchObject({ isReady: true, checks: [{ name: 'nats', status: 'failing' }] });
  });

  it('counts a probe that hangs as failed, and does not start it twice', async () => {
    let starts = 0;
    health.register('database', () => new Promise(() => starts++), { timeoutMs: 20 });
    jest.useRealTimers(); // AbortSignal.timeout keeps real time
    const first = health.checkNow();
    await health.checkNow();
    expect(starts).toBe(1);
    await first;
    expect(health.readiness().checks).toMatchObject([{ status: 'failing' }]);
  });

  it('survives a probe that throws at once', async () => {
    health.register('database', () => {
      throw new TypeError('not a function');
    });
    await health.start();
    expect(health.readiness().failing).toEqual(['database']);
  });

  it('does not trust an old answer', async () => {
    health.register('database', ok);
    await health.checkNow();
    now += 16_000;
    expect(health.readiness()).toMatchObject({ isReady: true });
    now += 2000;
    expect(health.readiness()).toMatchObject({ isReady: false, checks: [{ status: 'unknown' }] });
  });

  it('ends with the shutdown, whatever the checks say', async () => {
    health.register('database', ok);
    await health.start();
    health.beginShutdown();
    expect(health.readiness()).toMatchObject({ isReady: false, failing: ['shutdown'] });
  });

  it('tells of changes only, with the error that nobody outside may see', async () => {
    const told: unknown[] = [];
    health = checks({
      onChange: (name, status, error) => told.push([name, status, (error as Error | undefined)?.message]),
    });
    let probe = ok;
    health.register('database', () => probe());
    await health.checkNow();
    await health.checkNow();
    probe = gone;
    await health.checkNow();
    expect(told).toEqual([
      ['database', 'ok', undefined],
      ['database', 'failing', 'connection refused'],
    ]);
    expect(JSON.stringify(health.readiness())).not.toContain('refused');
  });
});

describe('liveness', () => {
  it('does not depend on dependencies', async () => {
    health.register('database', gone);
    await health.start();
    expect(health.liveness()).toMatchObject({ isAlive: true });
  });
});

describe('EventLoopLag', () => {
  it('is how late the last tick came, or how overdue the next one is', () => {
    let clock = 0;
    const lag = new EventLoopLag(100, () => clock);
    clock = 130;
    jest.advanceTimersByTime(100);
    expect(lag.currentMs).toBe(30);
    clock = 230;
    jest.advanceTimersByTime(100);
    expect(lag.currentMs).toBe(0);
    clock = 20_330;
    expect(lag.currentMs).toBe(20_000);
    lag.stop();
  });
});

function checks(options: HealthOptions): HealthChecks {
  health?.stop();
  return new HealthChecks({ ...options, now: () => now });
}
