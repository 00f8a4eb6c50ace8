import { startTestAdapter, type TestAdapter, type TestAdapterOptions } from '@breakwater/scanner-test-adapter';
import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exchange } from '../data-plane/http.js';
import { OciClient } from '../data-plane/oci-client.js';
import { Cluster, LONG_LIVES } from '../faults/cluster/cluster.js';
import { expectStatus } from '../system/api.js';
import { describeWithTools } from '../system/tools.js';
import { FINDINGS, pushAnImage, ScanApi, type ScannedImage } from './testing/scanned-image.js';

/** More than the failures in a row that open a circuit. */
const MANY = 8;

describeWithTools(['nats-server'], 'a scanner', () => {
  let cluster: Cluster;
  let scans: ScanApi;
  let trivy: TestAdapter;
  const adapters: TestAdapter[] = [];
  const adapter = async (options: TestAdapterOptions = {}): Promise<TestAdapter> => {
    const started = await startTestAdapter(options);
    adapters.push(started);
    return started;
  };
  const push = (project: string, repository: string): Promise<ScannedImage> =>
    pushAnImage(new OciClient(cluster.api.url, cluster.api.admin), project, repository);
  const ends = (image: ScannedImage, status: string, withinMs?: number): Promise<void> =>
    eventually(async () => expect(await scans.summary(image)).toMatchObject({ scan_status: status }), withinMs);

  beforeAll(async () => {
    trivy = await adapter({ flavour: 'trivy' });
    const environment = { BREAKWATER_OUTBOUND_ALLOW: '127.0.0.1', BREAKWATER_TRIVY_ADAPTER_URL: trivy.url };
    cluster = await Cluster.start({ lives: LONG_LIVES, environment });
    scans = new ScanApi(cluster.api);
  }, 270_000);
  afterAll(async () => {
    await cluster.stop();
    await Promise.all(adapters.map((each) => each.stop()));
  }, 60_000);

  it('of the settings, with all the ways of Trivy’s adapter, is there from the start, and scans what has no other', async () => {
    const [registration] = (await cluster.api.call('GET', '/scanners')).json as { uuid: string }[];
    expect(registration).toMatchObject({ name: 'Trivy', url: trivy.url, is_default: true });
    const path = `/scanners/${registration?.uuid}`;
    const body = { name: 'Other', url: trivy.url };
    expect(await cluster.api.call('PUT', path, { body })).toMatchObject({ status: 403 });
    expect(await cluster.api.call('DELETE', path)).toMatchObject({ status: 403 });
    // 302 with its own address and no word of when: it is asked soon, and not sent anywhere.
    trivy.setFaults({ scan: { kind: 'fail', times: 1 } });
    const image = await push(await scans.project(null), 'app');
    await eventually(async () =>
      expect(await scans.log(image)).toMatch(/failed, and is tried again in \d+ s: the scan failed: /),
    );
    await ends(image, 'Success');
    expect(await scans.summary(image)).toMatchObject({ severity: 'Critical', scanner: { vendor: 'Breakwater' } });
    expectStatus(await cluster.api.call('POST', `${scans.pathOf(image)}/scan`, { body: { scan_type: 'sbom' } }), 202);
    await eventually(async () => {
      const { json } = await cluster.api.call('GET', `${scans.pathOf(image)}?with_sbom_overview=true`);
      expect(json).toMatchObject({ sbom_overview: { scan_status: 'Success' } });
    });
  });

  describe('that asks for Bearer, and is signed in to by Bearer', () => {
    let bearer: TestAdapter;
    let image: ScannedImage;
    let other: ScannedImage;

    it('pulls with a token of its own', async () => {
      bearer = await adapter({
        registryAuthorization: 'Bearer',
        auth: { kind: 'Bearer', credential: 'known-to-both' },
      });
      const body = { name: 'Bearer', url: bearer.url, auth: 'Bearer', access_credential: 'known-to-both' };
      const registered = await cluster.api.call('POST', '/scanners', { body });
      expectStatus(registered, 201);
      const project = await scans.project(registered.headers.get('location')?.split('/').at(-1) ?? '');
      // Never ready: its token lives as long as we look.
      bearer.setFaults({ report: { kind: 'not-ready' } });
      other = await push(project, 'other');
      image = await push(project, 'app');
      await eventually(() => expect(bearer.requests).toHaveLength(2));
      const { authorization, url, artifact } = requestOf(bearer, image);
      expect(authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
      expect(accessOf(authorization)).toEqual([{ type: 'repository', name: artifact.repository, actions: ['pull'] }]);
      const headers = { authorization };
      const pull = async ({ project: name, repository, digest }: ScannedImage): Promise<number> =>
        (await exchange('GET', new URL(`/v2/${name}/${repository}/manifests/${digest}`, url), { headers })).status;
      expect(await pull(image)).toBe(200);
      expect([401, 403]).toContain(await pull(other));
      bearer.setFaults({});
      await ends(image, 'Success');
      expect(await scans.summary(image)).toMatchObject({ severity: 'Critical', summary: { total: FINDINGS.length } });
    });

    it('has a token that is dead once the scan is over, and that nobody has written down', async () => {
      const { authorization, url, artifact } = requestOf(bearer, image);
      const manifest = new URL(`/v2/${artifact.repository}/manifests/${artifact.digest}`, url);
      await eventually(async () =>
        expect(await exchange('GET', manifest, { headers: { authorization } })).toMatchObject({ status: 401 }),
      );
      await ends(other, 'Success');
      expect(await cluster.rows('SELECT FROM pull_credential')).toEqual([]);
      const log = await scans.log(image);
      expect(log).toMatch(/credential scanner\$\S+ is made: it pulls \S+ by Bearer/);
      expect(log).toContain('the credential of the scan is revoked');
      for (const secret of [authorization.split('.')[2] ?? authorization, 'known-to-both'])
        expect(log).not.toContain(secret);
    });
  });

  describe('that is down', () => {
    let project: string;
    let port: number;
    const images: ScannedImage[] = [];

    it('is left alone, its scans wait and say why and until when, and others are scanned', async () => {
      const down = await startTestAdapter();
      ({ port } = down);
      project = await scans.project(await scans.register('Down', down.url));
      const good = await adapter();
      const beside = await scans.project(await scans.register('Up', good.url));
      await down.stop();
      for (let number = 0; number < MANY; number++) images.push(await push(project, `app-${number}`));
      await eventually(async () => {
        const logs = await Promise.all(images.map((image) => scans.log(image)));
        for (const log of logs)
          expect(log).toMatch(/put off, and tried again in \d+ s: scanner Down is away: .*the connection was refused/);
        expect(logs.join('')).toMatch(
          /is left alone for \d+ s: 127\.0\.0\.1:\d+ cannot be reached: the connection was refused/,
        );
      });
      for (const image of images) expect(await scans.summary(image)).toMatchObject({ scan_status: 'Pending' });
      await ends(await push(beside, 'app'), 'Success');
      // Nothing was made that would have to be taken back.
      expect(await cluster.rows('SELECT FROM pull_credential')).toEqual([]);
      expect(await gauge()).toBe(1);
    });

    it('gets all of them, each once, as soon as it is back', async () => {
      const back = await adapter({ port });
      // They wait the longer, the longer it was away.
      for (const image of images) await ends(image, 'Success', 600_000);
      expect(back.requests).toHaveLength(MANY);
      expect(await gauge()).toBe(0);
      expect(await scans.log(images[0] as ScannedImage)).toContain(`${FINDINGS.length} findings`);
    }, 660_000);

    /** Circuits that jobservice has open for what it asks first. */
    async function gauge(): Promise<number> {
      const response = await fetch(cluster.jobservices[0]?.metricsUrl ?? '');
      const text = await response.text();
      const [, value] = /^breakwater_scanner_circuits_open\{operation="metadata",.*\} (\d+)$/m.exec(text) ?? [];
      return Number(value);
    }
  });
});

function requestOf(adapter: TestAdapter, { digest }: ScannedImage) {
  const request = adapter.requests.find(({ artifact }) => artifact.digest === digest);
  if (request === undefined) throw new Error('the adapter was not asked');
  const { registry, artifact } = request;
  return { artifact, url: registry.url, authorization: registry.authorization ?? '' };
}

/** What a token says that it may do. */
function accessOf(authorization: string): unknown {
  const payload = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as { access?: unknown }).access;
}
