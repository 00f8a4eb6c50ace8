import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import { Api } from '../system/api.js';
import { e2eConfig } from '../system/e2e.config.js';
import { processesNaming } from '../system/processes.js';
import { HOME, launchInstallation, startInstallation, type StartedInstallation } from '../system/start-installation.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { aPushedArtifact } from './a-pushed-artifact.js';
import { localCommand } from './local-command.js';

const NOBODY = 65_534;
const START_MS = 300_000;

/** Starts that are not like most. */
describe('a start', () => {
  const started: StartedInstallation[] = [];
  // Before the folder goes: hooks run in this order.
  afterAll(async () => {
    for (const installation of started) await installation.stop();
  });
  const directory = aTemporaryFolder('start');
  const inherited = e2eConfig.inherited();

  it(
    'takes the first password from the environment and never shows it, and listens on the address that it is told',
    async () => {
      const dataDirectory = join(directory, 'password');
      const installation = await startInstallation({ dataDirectory, inherited, host: '127.0.0.2' });
      started.push(installation);
      const { url, adminPassword } = installation;
      const api = new Api(url, { username: 'admin', password: adminPassword });
      expect((await api.call('GET', '/users/current')).status).toBe(200);
      expect(installation.output()).not.toContain(adminPassword);
      expect(await installation.stop()).toBe(0);
    },
    START_MS,
  );

  it(
    'needs no root: an ordinary user starts it, pushes, audits and stops it',
    async () => {
      const dataDirectory = join(directory, 'ordinary', 'data');
      mkdirSync(dirname(dataDirectory), { recursive: true });
      const as = ordinaryUser();
      if (as !== null) chownSync(dirname(dataDirectory), as.uid, as.gid);
      const installation = await startInstallation({ dataDirectory, inherited, ...(as === null ? {} : { as }) });
      started.push(installation);
      const { url, adminPassword } = installation;
      const kept = await aPushedArtifact(url, { username: 'admin', password: adminPassword }, 'library/ordinary');
      await kept.check();
      expect(statSync(dataDirectory).uid).toBe(as?.uid ?? process.getuid?.());
      expect(await localCommand('audit', installation)).toMatchObject({ code: 0 });
      expect(await installation.stop()).toBe(0);
      expect(processesNaming(dataDirectory)).toEqual([]);
    },
    START_MS,
  );

  it.each([50, 500, 1_500, 3_000])(
    'that is broken off after %d ms leaves nothing behind',
    async (afterMs) => {
      const dataDirectory = join(directory, `broken-off-${afterMs}`);
      const installation = await launchInstallation({ dataDirectory, inherited });
      const stop = new Promise<number | null>((done) => setTimeout(() => done(installation.stop()), afterMs));
      // Asked before it listens to signals it ends by the signal, afterwards with 0.
      expect([0, null]).toContain(await stop);
      await eventually(() => expect(processesNaming(dataDirectory)).toEqual([]));
    },
    START_MS,
  );

  it('says what is wrong with a first password that is too simple', async () => {
    const dataDirectory = join(directory, 'simple');
    const installation = await launchInstallation({ dataDirectory, inherited, adminPassword: 'simple' });
    expect(await installation.ended).toBe(1);
    expect(installation.output()).toContain('password or secret needs at least 8 characters');
    expect(processesNaming(dataDirectory)).toEqual([]);
  });

  it('says which of its settings are wrong', async () => {
    const dataDirectory = join(directory, 'settings');
    const environment = { BREAKWATER_LOG_LEVEL: 'loud', BREAKWATER_TRASH_SECONDS: 'soon' };
    const installation = await launchInstallation({ dataDirectory, inherited, environment });
    expect(await installation.ended).toBe(1);
    for (const name of Object.keys(environment)) expect(installation.output()).toContain(name);
  });

  it('says what is wrong with a folder that it may not write to', async () => {
    const parent = join(directory, 'forbidden');
    mkdirSync(parent);
    chmodSync(parent, 0o555);
    const as = ordinaryUser();
    const installation = await launchInstallation({
      dataDirectory: join(parent, 'data'),
      inherited,
      ...(as === null ? {} : { as }),
    });
    expect(await installation.ended).toBe(1);
    expect(installation.output()).toMatch(/EACCES|permission denied|may not/i);
  });
});

/** Null when this process is one already, or when another account cannot read the checkout. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | null {
  return process.getuid?.() === 0 && isOpenToAll(HOME) ? { uid: NOBODY, gid: NOBODY } : null;
}

function isOpenToAll(path: string): boolean {
  const canPass = (statSync(path).mode & 0o005) === 0o005;
  return canPass && (dirname(path) === path || isOpenToAll(dirname(path)));
}
