import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
});
afterAll(() => core.close());

describe('GET /devcenter-api-2.0', () => {
  it('loads nothing from elsewhere, and everything it names is there', async () => {
    const { text, headers } = await core.anonymous.get('/devcenter-api-2.0');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    const addresses = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses).toHaveLength(4);
    for (const address of addresses) {
      expect(address).toMatch(/^\/devcenter-api-2\.0\//);
      expect((await core.anonymous.get(address)).status).toBe(200);
    }
  });

  it('serves no other file of the package', async () => {
    for (const path of ['index.html', 'package.json', 'swagger-ui-bundle.js.map', '..%2fpackage.json', '']) {
      const { status, text } = await core.anonymous.get(`/devcenter-api-2.0/${path}`);
      expect(path === '' ? text : status).toEqual(path === '' ? expect.stringContaining('<title>Breakwater API') : 404);
    }
  });
});

describe('GET /api/v2.0/openapi.json', () => {
  it('is the document of what is served, to anybody', async () => {
    const { body } = await core.anonymous.get<{ paths: Record<string, object>; info: object }>('/openapi.json');
    expect(body.info).toMatchObject({ title: 'Breakwater API', version: '0.0.0' });
    expect(body.paths).toHaveProperty(['/api/v2.0/users/{user_id}']);
    expect(body.paths).not.toHaveProperty(['/devcenter-api-2.0']);
  });
});

describe('GET /', () => {
  it('says what this is and how to push, without a script', async () => {
    const { text, headers } = await core.anonymous.get('/');
    expect(text).toContain('docker login registry.test\n');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toContain('<script');
  });

  it('is there for whoever asks only for its head', async () => {
    const { text } = await core.anonymous.get('/');
    const head = await core.anonymous.send('HEAD', '/');
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': String(text.length) } });
  });

  it('takes the address from the request where it was not told one, and never markup', async () => {
    const untold = await createTestCore({ publicUrl: null });
    const page = (host: string): Promise<{ text: string }> => untold.anonymous.get('/', { host });
    expect((await page('hub.example.com:5000')).text).toContain('docker login hub.example.com:5000\n');
    expect((await page('"><script>alert(1)</script>')).text).toContain('docker login localhost\n');
    await untold.close();
  });
});
