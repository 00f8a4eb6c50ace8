import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CYCLONEDX,
  parseMetadata,
  parseSbomReport,
  parseVulnerabilityReport,
  ScannerMediaType,
  SPDX,
} from '@breakwater/scanner-spec';
import { startFixtureRegistry, type FixtureArtifact, type FixtureRegistry } from './testing/fixture-registry.js';
import { startTestAdapter, type TestAdapter } from './start-test-adapter.js';

const CVE = { id: 'CVE-2026-7', package: 'openssl', version: '3.0', fix_version: '3.1', severity: 'High', links: [] };
const BASIC = `Basic ${Buffer.from('user:pass:wörd').toString('base64')}`;

let adapter: TestAdapter;
let registry: FixtureRegistry;

beforeAll(async () => {
  [adapter, registry] = [await startTestAdapter(), await startFixtureRegistry()];
});
afterEach(() => adapter.setFaults({}));
afterAll(async () => {
  await Promise.all([adapter.stop(), registry.stop()]);
});

function body(artifact: FixtureArtifact, more: object = {}, authorization = BASIC, url = registry.url): object {
  const mime_type = 'application/vnd.oci.image.manifest.v1+json';
  return { registry: { url, authorization }, artifact: { ...artifact, mime_type }, ...more };
}

async function submit(document: unknown, url = adapter.url): Promise<{ status: number; id: string }> {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const answer = await fetch(`${url}/api/v1/scan`, { method: 'POST', body: text });
  const { id = '' } = (await answer.json()) as { id?: string };
  return { status: answer.status, id };
}

/** The answer once it is something else than 302. */
async function report(id: string, accept: string, query = '', url = adapter.url): Promise<Response> {
  return eventually(async () => {
    const answer = await ask(id, accept, query, url);
    expect(answer.status).not.toBe(302);
    return answer;
  });
}

function ask(id: string, accept: string, query = '', url = adapter.url): Promise<Response> {
  return fetch(`${url}/api/v1/scan/${id}/report${query}`, { headers: { accept }, redirect: 'manual' });
}

describe('the adapter', () => {
  it('says what it can do, without a fault', async () => {
    const answer = await fetch(`${adapter.url}/api/v1/metadata`);
    expect(answer.headers.get('content-type')).toBe(ScannerMediaType.METADATA);
    expect(parseMetadata(await answer.json()).faults).toEqual([]);
  });

  it.each(['annotation', 'label', 'layer'] as const)('finds what an image declares in its %s', async (place) => {
    const { id, status } = await submit(body(registry.add('library/app', [CVE], place)));
    expect(status).toBe(202);
    const answer = await report(id, ScannerMediaType.GENERIC_REPORT);
    expect(answer.headers.get('content-type')).toBe(ScannerMediaType.GENERIC_REPORT);
    const { value, faults } = parseVulnerabilityReport(await answer.json());
    expect([value?.vulnerabilities, faults]).toEqual([[CVE], []]);
  });

  it('makes SBOMs of both formats, without a fault, the same for the same image', async () => {
    const artifact = registry.add('library/app', [CVE]);
    const wanted = {
      type: 'sbom',
      produces_mime_types: [ScannerMediaType.SBOM_REPORT],
      parameters: { sbom_media_types: [SPDX, CYCLONEDX] },
    };
    const [one, two] = [
      await submit(body(artifact, { enabled_capabilities: [wanted] })),
      await submit(body(artifact, { enabled_capabilities: [wanted] })),
    ];
    for (const format of [SPDX, CYCLONEDX]) {
      const query = `?sbom_media_type=${encodeURIComponent(format)}`;
      const read = async (id: string): Promise<ReturnType<typeof parseSbomReport>> =>
        parseSbomReport(await (await report(id, ScannerMediaType.SBOM_REPORT, query)).json());
      const first = await read(one.id);
      expect(first.faults).toEqual([]);
      expect(JSON.stringify(first.value?.sbom)).toContain(artifact.digest.replace('sha256:', ''));
      expect((await read(two.id)).value?.sbom).toEqual(first.value?.sbom);
    }
    expect((await report(one.id, ScannerMediaType.SBOM_REPORT)).status).toBe(400);
    expect((await report(one.id, ScannerMediaType.GENERIC_REPORT)).status).toBe(404);
  });

  it('pulls by digest, with what it is given and nothing else', async () => {
    const artifact = registry.add('a/b/c', [CVE], 'layer');
    const before = registry.requests.length;
    const { id } = await submit(body(artifact));
    expect((await report(id, ScannerMediaType.NATIVE_REPORT)).status).toBe(200);
    const made = registry.requests.slice(before);
    expect(made).toHaveLength(3);
    for (const line of made)
      expect(line).toMatch(/^GET \/v2\/a\/b\/c\/(?:manifests|blobs)\/sha256:[0-9a-f]{64} Basic /);
  });

  it('changes its credential for a token where the registry wants one', async () => {
    const other = await startFixtureRegistry('Bearer');
    const { id } = await submit(body(other.add('library/app', [CVE]), {}, BASIC, other.url));
    expect((await report(id, ScannerMediaType.GENERIC_REPORT)).status).toBe(200);
    expect(other.requests.filter((line) => line.startsWith('GET /token'))).toHaveLength(1);
    expect(other.requests.at(-1)).toContain('Bearer the-token');
    await other.stop();
  });

  it('fails a scan whose image it may not pull, or that is not there', async () => {
    const artifact = registry.add('library/app', [CVE]);
    const gone = { ...artifact, digest: `sha256:${'0'.repeat(64)}` } as FixtureArtifact;
    for (const request of [body(artifact, {}, 'Basic d3Jvbmc6d3Jvbmc='), body(gone)]) {
      const answer = await report((await submit(request)).id, ScannerMediaType.GENERIC_REPORT);
      expect(answer.status).toBe(500);
      expect(answer.headers.get('content-type')).toBe(ScannerMediaType.ERROR);
      expect(await answer.json()).toEqual({ error: { message: expect.stringMatching(/answered 40[14]/) as unknown } });
    }
  });

  it('refuses what is no request, and knows no scan that it was not asked for', async () => {
    const valid = body(registry.add('library/app', []));
    const cases: [unknown, number][] = [
      ['{', 400],
      [[], 400],
      [{ ...valid, registry: { url: 7 } }, 400],
      [{ ...valid, artifact: {} }, 422],
      [{ ...valid, enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: ['a/b'] }] }, 501],
      ['x'.repeat(2 ** 20 + 1), 413],
    ];
    for (const [document, status] of cases) expect((await submit(document)).status).toBe(status);
    expect((await ask('no-such', ScannerMediaType.GENERIC_REPORT)).status).toBe(404);
    expect((await ask('..%2F..%2Fetc', ScannerMediaType.GENERIC_REPORT)).status).toBe(404);
    expect((await ask('no-such', 'text/html')).status).toBe(400);
  });

  it('takes scans while it is busy, and asks for patience', async () => {
    adapter.setFaults({ scan: { kind: 'never-ends', times: 4 } });
    const artifact = registry.add('library/app', []);
    const many = await Promise.all(Array.from({ length: 8 }, () => submit(body(artifact))));
    expect(new Set(many.map(({ id }) => id)).size).toBe(8);
    const answer = await ask(many[7]?.id ?? '', ScannerMediaType.GENERIC_REPORT);
    expect([answer.status, answer.headers.get('refresh-after')]).toEqual([302, '1']);
  });

  it('derives findings where it is told to', async () => {
    const deriving = await startTestAdapter({ derivedFindings: 100 });
    const found = async (artifact: FixtureArtifact): Promise<number | undefined> => {
      const { id } = await submit(body(artifact), deriving.url);
      const answer = await report(id, ScannerMediaType.GENERIC_REPORT, '', deriving.url);
      return parseVulnerabilityReport(await answer.json()).value?.vulnerabilities.length;
    };
    expect(await found(registry.add('library/plain', [], 'nowhere'))).toBe(100);
    // It declares that there is nothing.
    expect(await found(registry.add('library/plain', [], 'label'))).toBe(0);
    await deriving.stop();
  });
});

describe('as a process', () => {
  it('is told by its environment, and controlled over HTTP', async () => {
    const hooks = new URL('../../../libs/testing/src/jest/typescript-hooks.mjs', import.meta.url).href;
    const child = spawn(process.execPath, ['--import', hooks, fileURLToPath(new URL('./main.ts', import.meta.url))], {
      env: {
        SCANNER_TEST_ADAPTER_PORT: '0',
        SCANNER_TEST_ADAPTER_FLAVOUR: 'trivy',
        SCANNER_TEST_ADAPTER_AUTH: 'Basic user:pass',
        SCANNER_TEST_ADAPTER_FAULTS: '{"metadata":{"kind":"error","times":1}}',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`;
    const metadata = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/api/v1/metadata`, { headers });
    expect((await metadata({})).status).toBe(401);
    expect((await metadata({ authorization })).status).toBe(500);
    expect((await metadata({ authorization })).status).toBe(200);
    await fetch(`${url}/_test/faults`, { method: 'PUT', body: '{"metadata":{"kind":"unavailable"}}' });
    expect((await metadata({ authorization })).status).toBe(503);
    expect(await (await fetch(`${url}/_test/state`)).json()).toMatchObject({
      faults: { metadata: { kind: 'unavailable' } },
    });
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
