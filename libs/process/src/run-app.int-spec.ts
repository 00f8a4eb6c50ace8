import { eventually, NodeProcess } from '@breakwater/testing';
import { describe, expect, it } from '@jest/globals';

const sample = (environment: Readonly<Record<string, string>> = {}): NodeProcess =>
  new NodeProcess(new URL('./testing/sample-app.ts', import.meta.url), environment);

const heard = (app: NodeProcess, text: string): Promise<void> =>
  eventually(() => expect(app.said()).toContain(`"${text}"`));

describe('the process of an app', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order at %s, once, and ends with 0', async (signal) => {
    const app = sample();
    await heard(app, 'started');
    app.kill(signal);
    app.kill(signal);
    const { code, stdout } = await app.ended;
    expect(code).toBe(0);
    expect(stdout.match(/"asked to stop"/g)).toHaveLength(1);
    expect(stdout.match(/"stopping"/g)).toHaveLength(1);
  });

  it('ends with 0 when it is asked to stop before it has started', async () => {
    const app = sample({ BREAKWATER_SAMPLE_FAILURE: 'wait' });
    await heard(app, 'starting');
    app.kill('SIGTERM');
    const { code, stdout } = await app.ended;
    expect([code, stdout.includes('could not start')]).toEqual([0, false]);
  });

  it('ends with 1 and says why when it cannot start, although something keeps it alive', async () => {
    const { code, stdout } = await sample({ BREAKWATER_SAMPLE_FAILURE: 'start' }).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/"could not start".*no start today|no start today.*"could not start"/s);
  });

  it('ends with 1 and says why when it cannot stop in order', async () => {
    const app = sample({ BREAKWATER_SAMPLE_FAILURE: 'stop' });
    await heard(app, 'started');
    app.kill('SIGTERM');
    const { code, stdout } = await app.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('no stop today');
  });

  it('says on standard error which setting is wrong, before there is a log', async () => {
    const { code, stdout, stderr } = await sample({ BREAKWATER_SAMPLE_COUNT: 'many' }).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('BREAKWATER_SAMPLE_COUNT');
  });
});
