import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { lastingPort } from '@breakwater/testing';
import { Api } from './api.js';
import { e2eConfig } from './e2e.config.js';
import { startInstallation, type StartedInstallation, type StartOptions } from './start-installation.js';
import { aTemporaryFolder } from './temporary-folder.js';

export interface OwnInstallation extends StartedInstallation {
  readonly api: Api;
}

/**
 * For suites that need an installation of their own: with other settings, or to be stopped and started.
 *
 * @returns how to start one on the suite's data folder; again goes on with what is there. All end with the suite.
 */
export function anOwnInstallation(
  purpose: string,
): (options?: Partial<Omit<StartOptions, 'inherited'>>) => Promise<OwnInstallation> {
  const started: StartedInstallation[] = [];
  // Before the folder goes: hooks run in this order.
  afterAll(async () => {
    for (const installation of started) await installation.stop();
  }, 60_000);
  const directory = aTemporaryFolder(purpose);
  return async (options = {}) => {
    const installation = await startInstallation({
      dataDirectory: join(directory, 'data'),
      port: await lastingPort(),
      inherited: e2eConfig.inherited(),
      ...options,
    });
    started.push(installation);
    const admin = { username: 'admin', password: installation.adminPassword };
    return { ...installation, api: new Api(installation.url, admin) };
  };
}
