import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, HttpClient } from './testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject, type TestUser } from './testing/registry-harness.js';

let harness: RegistryHarness;
let project: TestProject;
let user: TestUser;
beforeAll(async () => {
  harness = await RegistryHarness.create();
  project = await harness.project('team');
  user = await harness.user({ [project.id]: ROLE.developer });
});
afterAll(() => harness.close());

describe('the audit log of the data plane', () => {
  it('has what clients did, once the process has stopped: pushes at once, pulls and sign-ins by then', async () => {
    const instance = await harness.startInstance();
    const client = new HttpClient(instance.port, user.basic);
    const config = await client.pushBlob('team/app', '{}');
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: TYPE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 2 },
      layers: [],
    });
    const path = '/v2/team/app/manifests/v1';
    expect((await client.put(path, { body: manifest, headers: { 'Content-Type': TYPE } })).status).toBe(201);
    expect(await rows()).toContainEqual(expect.objectContaining({ did: 'create artifact', resource: 'team/app:v1' }));
    // Together: what is noted in memory is written every few seconds, and they shall be one row.
    const pulls = await Promise.all([client.get(path), client.get(path), client.get(path)]);
    expect(pulls.map(({ status }) => status)).toEqual([200, 200, 200]);
    const stranger = new HttpClient(instance.port, basicOf(user.name, 'Guessed-it-1'));
    expect((await stranger.get(path)).status).toBe(401);
    client.close();
    stranger.close();
    await instance.stop();
    const digest = digestOf(manifest);
    const common = { project: project.id, username: user.name };
    expect(new Set(await rows())).toEqual(
      new Set([
        {
          ...common,
          did: 'create artifact',
          resource: 'team/app:v1',
          description: `push artifact: team/app@${digest}`,
        },
        {
          ...common,
          did: 'pull artifact',
          resource: 'team/app:v1',
          description: `pull artifact: team/app@${digest} (3 times)`,
        },
        { ...common, project: null, did: 'login user', resource: user.name, description: 'login from 127.0.0.1' },
        {
          ...common,
          project: null,
          did: 'login user',
          resource: user.name,
          description: 'login failed from 127.0.0.1',
        },
      ]),
    );
  });
});

const TYPE = 'application/vnd.oci.image.manifest.v1+json';

function basicOf(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** But for what the test itself has set up. */
function rows(): Promise<Record<string, unknown>[]> {
  return harness.database.rows(
    `SELECT project_id AS project, username, operation || ' ' || resource_type AS did, resource, description
     FROM audit_log ORDER BY id`,
  );
}
