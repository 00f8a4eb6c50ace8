import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type AddressInfo } from 'node:net';
import { TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const get: TestApi['get'] = (...request) => api.get(...request);
const send: TestApi['send'] = (...request) => api.send(...request);

describe('an app of the REST API', () => {
  it('answers a creation with the place of what was made and nothing else', async () => {
    const answer = await send('POST', '/api/v2.0/projects/?x=1', '{"project_name":"p"}');
    expect([answer.statusCode, answer.headers.location, answer.body]).toEqual([201, '/api/v2.0/projects/7', '']);
  });

  it('pages', async () => {
    const answer = await get('/api/v2.0/labels?scope=g&page=2&q=name%3D~a%20b');
    expect(answer.headers['x-total-count']).toBe('35');
    expect(answer.headers.link).toBe(
      '</api/v2.0/labels?page=1&page_size=10&q=name=~a b&scope=g>; rel="prev" , ' +
        '</api/v2.0/labels?page=3&page_size=10&q=name=~a b&scope=g>; rel="next"',
    );
  });

  it('answers what is no HTTP with an error that it can be read', async () => {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const answerTo = (request: string) =>
      new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(request));
        socket
          .on('data', (bytes) => (text += String(bytes)))
          .on('close', () => resolve(text))
          .on('error', reject);
      });
    expect(await answerTo('NOT HTTP AT ALL\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"BAD_REQUEST"/,
    );
    const headers = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`;
    expect(await answerTo(headers)).toMatch(/^HTTP\/1\.1 431 /);
  });
});
