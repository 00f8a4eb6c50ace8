import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import { ClientHome } from '../clients/client-home.js';
import { dockerProgram } from '../clients/docker-engine.js';
import { closeConnections } from '../data-plane/http.js';
import { Api } from '../system/api.js';
import { anOwnInstallation, type OwnInstallation } from '../system/own-installation.js';
import { killAll, processesNaming, processesOf } from '../system/processes.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { itWithTools } from '../system/tools.js';
import { aPushedArtifact, type PushedArtifact } from './a-pushed-artifact.js';
import { localCommand } from './local-command.js';

const START_MS = 300_000;

/** From the first start to the last stop, in this order: what somebody meets who has just cloned the repository. */
describe('an installation, from its first day on', () => {
  const start = anOwnInstallation('life');
  const homes = aTemporaryFolder('life-homes');
  let installation: OwnInstallation;
  let password: string;
  let kept: PushedArtifact;

  /** Starts it as `npm start` does without any setting but port and folder. */
  const startAgain = async (port?: number): Promise<void> => {
    installation = await start({ adminPassword: null, publicUrl: null, ...(port === undefined ? {} : { port }) });
  };
  const admin = (): { username: string; password: string } => ({ username: 'admin', password });
  const expectAllIsThere = async (): Promise<void> => {
    const api = new Api(installation.url, admin());
    expect(await api.call('GET', '/users/current')).toMatchObject({ status: 200, json: { sysadmin_flag: true } });
    await kept.check();
  };
  /** Core asks the others every few seconds, and first when they may not have been up. */
  const expectIsHealthy = (): Promise<void> =>
    eventually(async () => {
      const api = new Api(installation.url, admin());
      const { components, status } = (await api.call('GET', '/health', { as: null })).json as Health;
      expect(components.filter((component) => component.status !== 'healthy')).toEqual([]);
      expect(status).toBe('healthy');
      const names = components.map(({ name }) => name);
      for (const name of ['core', 'database', 'jobservice', 'registry', 'webhook']) expect(names).toContain(name);
    }, 180_000);
  const expectNothingRuns = (): Promise<void> =>
    eventually(() => expect(processesNaming(installation.dataDirectory)).toEqual([]));

  beforeAll(() => startAgain(), START_MS);

  it('says where it is and how to come in, once it is ready', () => {
    const output = installation.output();
    expect(output).toContain(`Breakwater is ready at http://localhost:${installation.port}`);
    password = /^\s*password\s+(\S+)/m.exec(output)?.[1] ?? '';
    expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{16,}$/);
    console.log(`first start: ready after ${(installation.readyMs / 1000).toFixed(1)} s`);
  });

  itWithTools(['docker'], 'takes the printed `docker login`, with the printed password', async () => {
    const [, registry = ''] = /docker login (\S+) -u admin/.exec(installation.output()) ?? [];
    const home = new ClientHome(join(homes, 'docker'), registry);
    const login = await home.run(dockerProgram(), ['login', registry, '-u', 'admin', '--password-stdin'], {
      input: password,
    });
    expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining('Login Succeeded') as unknown });
    const wrong = await home.run(dockerProgram(), ['login', registry, '-u', 'admin', '--password-stdin'], {
      input: 'Wrong-password-1',
    });
    expect(wrong.code).not.toBe(0);
  });

  it('has the project that the printed lines push to', async () => {
    const [, repository = ''] = /docker push localhost:\d+\/(\S+)/.exec(installation.output()) ?? [];
    kept = await aPushedArtifact(installation.url, admin(), repository);
    await kept.check();
  });

  it.each([
    ['/', 'text/html'],
    ['/devcenter-api-2.0', 'text/html'],
    ['/api/v2.0/openapi.json', 'application/json'],
    ['/api/v2.0/health', 'application/json'],
    ['/api/v2.0/ping', 'text/plain'],
    ['/api/v2.0/systeminfo', 'application/json'],
  ])('answers at %s', async (path, type) => {
    const answer = await fetch(`${installation.url}${path}`, { redirect: 'follow' });
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
    expect((await answer.text()).length).toBeGreaterThan(0);
  });

  it('is healthy in all its parts, each asked of its process', () => expectIsHealthy(), START_MS);

  it('keeps its secrets to itself', () => {
    for (const file of ['admin-password', 'secret-key', 'database-url'])
      expect(readFileSync(join(installation.dataDirectory, file), 'utf8').trim()).not.toBe('');
    const logs = ['core', 'registry', 'jobservice', 'webhook', 'postgres', 'nats'].map((name) =>
      readFileSync(join(installation.dataDirectory, 'logs', `${name}.log`), 'utf8'),
    );
    expect(logs.some((log) => log.includes(password))).toBe(false);
  });

  it('is audited while it runs: all is well', async () => {
    expect(await localCommand('audit', installation, ['--rehash'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('does not start twice on one folder', async () => {
    const second = await localCommand('start', { ...installation, port: installation.port + 1 });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('running already') as unknown });
    await expectAllIsThere();
  });

  it('does not start on a port that something else has, and names it', async () => {
    const elsewhere = { dataDirectory: join(homes, 'other-data'), port: installation.port };
    const second = await localCommand('start', elsewhere);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`Port ${installation.port} is in use.*BREAKWATER_PORT`));
    expect(processesNaming(elsewhere.dataDirectory)).toEqual([]);
    await expectAllIsThere();
  });

  it('ends with everything that it started, after SIGTERM', async () => {
    const names = processesOf(installation.dataDirectory).map(({ name }) => name);
    expect(names.sort()).toEqual(['core', 'jobservice', 'nats', 'postgres', 'registry', 'supervisor', 'webhook']);
    expect(await installation.stop()).toBe(0);
    closeConnections();
    await expectNothingRuns();
  });

  it('is audited while it does not run, and leaves nothing running behind', async () => {
    expect(await localCommand('audit', installation)).toMatchObject({ code: 0, stderr: '' });
    await expectNothingRuns();
  });

  it(
    'starts again with its data and its password, which it does not show again',
    async () => {
      await startAgain(installation.port);
      expect(installation.output()).not.toContain(password);
      console.log(`second start: ready after ${(installation.readyMs / 1000).toFixed(1)} s`);
      await expectAllIsThere();
    },
    START_MS,
  );

  it(
    'starts again whatever of it ends by itself, all at once too, and goes on',
    async () => {
      const before = processesOf(installation.dataDirectory).filter(({ name }) => name !== 'supervisor');
      killAll(before);
      await eventually(() => {
        const now = processesOf(installation.dataDirectory).filter(({ name }) => name !== 'supervisor');
        expect(now.map(({ name }) => name).sort()).toEqual(before.map(({ name }) => name).sort());
        for (const { pid } of before) expect(now.map((one) => one.pid)).not.toContain(pid);
      }, 120_000);
      closeConnections();
      await expectIsHealthy();
      await expectAllIsThere();
    },
    START_MS,
  );

  it(
    'starts again after kill -9 of the supervisor, whatever that left behind',
    async () => {
      const before = processesOf(installation.dataDirectory);
      installation.supervisor.kill('SIGKILL');
      await installation.ended;
      await startAgain(installation.port);
      await expectAllIsThere();
      const now = new Set(processesOf(installation.dataDirectory).map(({ pid }) => pid));
      // Only those of this folder: a number may be another program's by now.
      const there = processesNaming(installation.dataDirectory).map((text) => Number.parseInt(text));
      expect(before.filter(({ pid }) => !now.has(pid) && there.includes(pid))).toEqual([]);
    },
    START_MS,
  );

  it(
    'takes all that it started with it when it is killed',
    async () => {
      installation.supervisor.kill('SIGKILL');
      await installation.ended;
      closeConnections();
      await expectNothingRuns();
      await startAgain(installation.port);
      await expectAllIsThere();
    },
    START_MS,
  );

  it(
    'ends in order although nobody reads any more what it prints, as when a terminal was closed',
    async () => {
      installation.supervisor.stdout?.destroy();
      installation.supervisor.stderr?.destroy();
      installation.supervisor.kill('SIGHUP');
      expect(await installation.ended).toBe(0);
      closeConnections();
      await expectNothingRuns();
      await startAgain(installation.port);
    },
    START_MS,
  );

  it(
    'starts again after kill -9 of all its processes at once',
    async () => {
      killAll(processesOf(installation.dataDirectory));
      await installation.ended;
      await startAgain(installation.port);
      await expectAllIsThere();
      expect(await localCommand('audit', installation, ['--rehash'])).toMatchObject({ code: 0, stderr: '' });
    },
    START_MS,
  );

  it('is stopped by the command for it, from anywhere', async () => {
    const stopped = await localCommand('stop', installation);
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('Stopped') as unknown });
    expect(await installation.ended).toBe(0);
    await expectNothingRuns();
    expect(await localCommand('stop', installation)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing was running') as unknown,
    });
  });
});

interface Health {
  readonly status: string;
  readonly components: readonly { readonly name: string; readonly status: string }[];
}
