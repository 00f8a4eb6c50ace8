import type { Api } from '../../system/api.js';
import { expectStatus } from '../../system/api.js';
import { DataSetBuilder } from '../../conformance/data-set.js';
import { pushBlob } from '../../conformance/push-forms.js';
import type { OciClient } from '../../data-plane/oci-client.js';

/** What the test adapter finds in an image that says so. */
export const FINDINGS = [
  {
    ...{ id: 'CVE-2026-0001', package: 'openssl', version: '3.0.1', fix_version: '3.0.2', severity: 'Critical' },
    ...{ description: 'Reads what it should not.', links: ['https://example.com/CVE-2026-0001'] },
  },
  { id: 'CVE-2026-0002', package: 'zlib', version: '1.2', severity: 'Low', description: 'Slow.', links: [] },
];
/** Annotation or label: apps/scanner-test-adapter, "What it finds". */
export const FINDINGS_LABEL = 'org.breakwater.test.findings';

/** An image where it is. */
export interface ScannedImage {
  readonly project: string;
  /** Without its project. */
  readonly repository: string;
  readonly digest: string;
}

export interface ScanSummary {
  readonly report_id: string;
  readonly scan_status: string;
  readonly severity: string;
  readonly summary: { readonly total: number } | null;
}

/** A small image that nobody has seen, in which the test adapter finds `FINDINGS`. Pushed under the tag `v1`. */
export async function pushAnImage(client: OciClient, project: string, repository: string): Promise<ScannedImage> {
  const set = new DataSetBuilder(repository);
  set.image({ layers: [set.layer()], annotations: { [FINDINGS_LABEL]: JSON.stringify(FINDINGS) } });
  const { blobs, manifests } = set.build();
  const name = `${project}/${repository}`;
  for (const { content, digest } of blobs) await pushBlob(client, name, content, digest);
  const [image] = manifests;
  if (image === undefined) throw new Error('the set has no manifest');
  const headers = { 'content-type': image.descriptor.mediaType };
  const pushed = await client.send('PUT', `/v2/${name}/manifests/v1`, { body: image.body, headers });
  if (pushed.status !== 201) throw new Error(`push: ${pushed.status} ${pushed.body.toString()}`);
  return { project, repository, digest: image.descriptor.digest };
}

/** What the API tells of images and their scans. */
export class ScanApi {
  constructor(private readonly api: Api) {}

  /** @returns the registration's id. */
  async register(name: string, url: string): Promise<string> {
    const answer = await this.api.call('POST', '/scanners', { body: { name, url } });
    expectStatus(answer, 201);
    return (answer.headers.get('location') ?? '').split('/').at(-1) ?? '';
  }

  /** @param scanner  null: the project has the default. */
  async project(scanner: string | null): Promise<string> {
    const project = await this.api.project({ auto_scan: 'true' });
    if (scanner !== null)
      expectStatus(await this.api.call('PUT', `/projects/${project}/scanner`, { body: { uuid: scanner } }), 200);
    return project;
  }

  async tell(project: string, address: string, types: readonly string[], secret: string): Promise<void> {
    const targets = [{ type: 'http', address, signing_secret: secret }];
    const body = { name: 'tell', enabled: true, event_types: types, targets };
    expectStatus(await this.api.call('POST', `/projects/${project}/webhook/policies`, { body }), 201);
  }

  pathOf({ project, repository, digest }: ScannedImage): string {
    return `/projects/${project}/repositories/${repository}/artifacts/${digest}`;
  }

  /** @throws Error  it was never to be scanned. */
  async summary(image: ScannedImage): Promise<ScanSummary> {
    const { json } = await this.api.call('GET', `${this.pathOf(image)}?with_scan_overview=true`);
    const [summary] = Object.values((json as { scan_overview?: Record<string, ScanSummary> }).scan_overview ?? {});
    if (summary === undefined) throw new Error('there is no scan overview');
    return summary;
  }

  async log(image: ScannedImage): Promise<string> {
    const { report_id: id } = await this.summary(image);
    return String((await this.api.call('GET', `${this.pathOf(image)}/scan/${id}/log`)).json);
  }
}
