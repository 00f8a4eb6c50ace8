import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPushedArtifact } from '../installation/a-pushed-artifact.js';
import { admin, aProject, api, expectStatus } from '../system/api.js';
import { installation } from '../system/installation.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
interface Execution {
  readonly id: number;
  readonly status: string;
}

/** What a push sets going, over everything that npm start runs. */
describe('a webhook', () => {
  const received: Received[] = [];
  let status = 200;
  let receiver: Server;
  let policies: string;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
  });
  afterAll(() => {
    receiver.close();
    receiver.closeAllConnections();
  });

  it('arrives after a push, signed', async () => {
    const project = await aProject();
    policies = `/projects/${project}/webhook/policies`;
    const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const targets = [{ type: 'http', address, signing_secret: 'shared' }];
    const body = { name: 'ci', enabled: true, event_types: ['PUSH_ARTIFACT'], targets };
    expectStatus(await api('POST', policies, { body }), 201);
    await aPushedArtifact(installation().url, admin(), `${project}/app`);
    await eventually(() => expect(received).toHaveLength(1));
    const [message] = received;
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      type: 'PUSH_ARTIFACT',
      operator: 'admin',
      event_data: {
        resources: [{ tag: 'kept', resource_url: `${installation().registry}/${project}/app:kept` }],
        repository: { name: 'app', namespace: project, repo_type: 'private', date_created: expect.any(Number) },
      },
    });
    const [, t, v1] = /^t=(\d+),v1=(.*)$/.exec(String(message?.headers['x-breakwater-signature-256'])) ?? [];
    expect(v1).toBe(createHmac('sha256', 'shared').update(`${t}.${message?.body}`).digest('hex'));
  });

  it('that was delivered can be sent again, with its history', async () => {
    const [policy] = (await api('GET', policies)).json as { id: number }[];
    const executions = `${policies}/${policy?.id}/executions`;
    const delivered = async (): Promise<Execution[]> => {
      const found = (await api('GET', executions)).json as Execution[];
      expect(found.map((each) => each.status)).toEqual(found.map(() => 'Success'));
      return found;
    };
    const [first] = await eventually(delivered);
    expectStatus(await api('POST', `${executions}/${first?.id}/replay`), 201);
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]?.body).toBe(received[0]?.body);
    const [again] = await eventually(delivered);
    const attempts = (await api('GET', `${executions}/${again?.id}/attempts`)).json;
    expect(attempts).toMatchObject([{ attempt: 1, response_status: 200 }]);
  });

  it('that fails says why while it is tried again', async () => {
    status = 503;
    const [policy] = (await api('GET', policies)).json as { id: number }[];
    const executions = `${policies}/${policy?.id}/executions`;
    const [last] = (await api('GET', executions)).json as Execution[];
    expectStatus(await api('POST', `${executions}/${last?.id}/replay`), 201);
    await eventually(async () => {
      const [failing] = (await api('GET', executions)).json as object[];
      expect(failing).toMatchObject({ status: 'Running', status_message: 'the target answered 503' });
    });
  });
});
