import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Api, Credentials } from '../system/api.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { ClientHome } from './client-home.js';
import type { ImageClient } from './image-client.js';

/** What the tests of one client share. */
export interface ClientBench {
  readonly client: ImageClient;
  /** The client's own folder. */
  readonly directory: string;
  readonly api: () => Api;
  /** A private project of the suite's own. */
  readonly project: () => string;
  /** Somebody who may do in it what clients do. */
  readonly maintainer: () => ClientHome;
  /** `host:port/repository`. */
  readonly at: (repository: string) => string;
  /** Not logged in. */
  readonly aHome: () => ClientHome;
  readonly homeOf: (who: Credentials) => Promise<ClientHome>;
}

/** @returns what is there while the suite runs. */
export function aClientBench(create: (directory: string) => ImageClient, api: () => Api): ClientBench {
  // Before the folder goes: hooks run in this order.
  afterAll(() => client.stop?.());
  const directory = aTemporaryFolder(create('').name);
  const client = create(join(directory, 'w'));
  const registry = (): string => new URL(api().url).host;
  const aHome = (): ClientHome => new ClientHome(join(directory, `home-${randomBytes(4).toString('hex')}`), registry());
  const homeOf = async (who: Credentials): Promise<ClientHome> => {
    const home = aHome();
    expect(await client.login(home, who)).toMatchObject({ code: 0 });
    return home;
  };
  let project: string;
  let maintainer: ClientHome;

  beforeAll(async () => {
    await client.start?.();
    project = await api().project();
    maintainer = await homeOf(await api().member(project, 'maintainer'));
  });

  return {
    client,
    directory,
    api,
    project: () => project,
    maintainer: () => maintainer,
    at: (repository) => `${registry()}/${repository}`,
    aHome,
    homeOf,
  };
}
