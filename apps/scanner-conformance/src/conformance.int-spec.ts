import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from './cli/run-cli.js';
import { checkAdapter, failuresOf } from './testing/check-adapter.js';
import { ReferenceAdapter, type ReferenceOptions, problem } from './testing/reference-adapter.js';

const running: ReferenceAdapter[] = [];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => Promise.all(running.splice(0).map((adapter) => adapter.stop())));

describe('an adapter that does everything right', () => {
  // 1.1 asks as 1.0 does and 1.2 as robust does; 1.2 is below, with Bearer.
  it.each(['1.0', 'harbor-strict', 'robust'] as const)('meets every check of %s', async (profile) => {
    const url = await start({ scanDeadlineMs: 5000 });
    const run = await checkAdapter(url, { profile });
    // With what came of it, to be read where it fails.
    expect(run.results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(run.isConformant).toBe(true);
    expect(run.results.filter(({ outcome }) => outcome === 'blocked')).toEqual([]);
  });

  it('may want Bearer at the registry, and credentials of its own', async () => {
    const url = await start({
      registryAuthorizationType: 'Bearer',
      credentials: ['Authorization', `Basic ${Buffer.from('scanner:secret').toString('base64')}`],
    });
    const run = await checkAdapter(url, { authorization: 'scanner:secret' });
    expect(failuresOf(run)).toEqual([]);
    const skipped = run.results.filter(({ outcome }) => outcome === 'not-applicable').map(({ check }) => check.id);
    expect(skipped).toEqual(['E4', 'E5', 'E6', 'E9']);
  });
});

describe('an adapter with the habits of Trivy’s', () => {
  const habits: ReferenceOptions = {
    mutation: {
      manners: { cutsPasswordAtColon: true, sendsCredentialsUnasked: true },
      document(document, kind) {
        if (kind !== 'metadata') return document;
        const [vulnerability, sbom] = document['capabilities'] as Record<string, unknown>[];
        return {
          ...document,
          capabilities: [{ ...vulnerability, produces_mime_types: [ScannerMediaType.GENERIC_REPORT] }, sbom],
        };
      },
      reply({ path }, right) {
        if (right.status === 302) return { ...right, headers: { Location: path } };
        const status = right.status === 406 ? 415 : right.status;
        const type = 'application/vnd.scanner.adapter.error; version=1.0';
        return right.status >= 400 ? { ...right, status, headers: { 'Content-Type': type } } : right;
      },
    },
  };

  it('works with Harbor', async () => {
    const run = await checkAdapter(await start(habits), { profile: 'harbor-strict' });
    expect(failuresOf(run)).toEqual(['C4', 'E9', 'E12']);
    expect(run.isConformant).toBe(true);
  });

  it('does not conform to the specification, and fails those checks alone', async () => {
    const run = await checkAdapter(await start(habits), { profile: '1.2' });
    expect(failuresOf(run)).toEqual(['B19', 'C4', 'E9', 'E12']);
    expect(run.isConformant).toBe(false);
  });
});

describe('an adapter without SBOM', () => {
  it('is not asked for one', async () => {
    const url = await start({
      mutation: {
        document: (document, kind) =>
          kind === 'metadata'
            ? { ...document, capabilities: (document['capabilities'] as unknown[]).slice(0, 1) }
            : document,
      },
    });
    const run = await checkAdapter(url, { only: ['A', 'B', 'D'] });
    expect(failuresOf(run)).toEqual([]);
    const asked = run.results.filter(({ check, outcome }) => check.id.startsWith('D') && outcome !== 'not-applicable');
    expect(asked).toEqual([]);
  });
});

describe('the program', () => {
  it('says yes with exit code 0, and writes JSON and JUnit', async () => {
    const url = await start();
    const [json, junit] = [join(folder, 'report.json'), join(folder, 'report.xml')];
    const { code, out } = await run([url.href, '--only', 'a,b1', '--json', json, '--junit', junit]);
    expect(code).toBe(0);
    expect(out).toContain('Reference 1.0.0 (Breakwater)');
    expect(out).toContain('The adapter conforms to 1.2.');
    const report = JSON.parse(readFileSync(json, 'utf8')) as { conformant: boolean; checks: { id: string }[] };
    expect(report.conformant).toBe(true);
    expect(report.checks.map(({ id }) => id)).toContain('B1');
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuites .*tests="18" failures="0" skipped="0"/);
  });

  it('says no with exit code 1, what came and what to do', async () => {
    const url = await start({ mutation: { document: (document) => ({ ...document, scanner: { name: '<Scan>' } }) } });
    const junit = join(folder, 'no.xml');
    const { code, out } = await run([url.href, '--only', 'A5', '--junit', junit]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /✘ A5 .*\n +asked .*\n +came +scanner.vendor is undefined\n.*\n +says .*\n +do +Fill scanner.name/,
    );
    expect(readFileSync(junit, 'utf8')).toContain('<failure message="scanner.vendor is undefined&#10;');
  });

  it('does not fail a profile for advice', async () => {
    const url = await start({
      mutation: { reply: ({ query }, right) => (query.has('from') ? problem(400, 'unknown parameter') : right) },
    });
    const { code, out } = await run([url.href, '--only', 'A13']);
    expect(out).toContain('! A13');
    expect(code).toBe(0);
  });

  it('names what cannot be looked at, and by which check', async () => {
    const url = await start({ mutation: { reply: () => ({ status: 200, headers: {}, body: 'hello' }) } });
    const { code, out } = await run([url.href, '--only', 'A1,A5,C']);
    expect(code).toBe(1);
    expect(out).toContain('not looked at, because A1 failed');
  });

  it('reads credentials from a file and takes the address with /api/v1', async () => {
    const url = await start({ credentials: ['Authorization', 'Bearer abc'] });
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'Bearer abc\n');
    expect((await run([`${url.href}api/v1/`, '--only', 'A,H1', '--authorization', `@${secret}`])).code).toBe(0);
    const refused = await run([url.href, '--authorization', 'Bearer no']);
    expect(refused).toMatchObject({ code: 2, error: expect.stringContaining('refuses the credentials') });
    expect((await run([url.href])).error).toContain('--authorization');
  });

  it('says with exit code 2 that nobody answers', async () => {
    const adapter = new ReferenceAdapter();
    const url = await adapter.start();
    await adapter.stop();
    const { code, error } = await run([url.href]);
    expect(code).toBe(2);
    expect(error).toMatch(/no answer from http:.*ECONNREFUSED.*Is the adapter running/);
  });

  it('says with exit code 2 that this is no adapter, or that its registry cannot listen', async () => {
    const url = await start({ mutation: { reply: () => problem(404, 'nothing') } });
    expect(await run([url.href])).toMatchObject({ code: 2, error: expect.stringContaining('answers 404') });
    const taken = await run([
      url.href,
      '--registry-address',
      `127.0.0.1:${url.port}`,
      '--registry-listen',
      '127.0.0.1',
    ]);
    expect(taken).toMatchObject({ code: 2, error: expect.stringContaining('the fixture registry cannot listen') });
  });
});

async function start(options: ReferenceOptions = {}): Promise<URL> {
  const adapter = new ReferenceAdapter(options);
  running.push(adapter);
  return adapter.start();
}

async function run(args: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await runCli(args, '0.0.0', {
    out: (text) => (out += text),
    error: (text) => (error += text),
    isTerminal: false,
  });
  return { code, out, error };
}
