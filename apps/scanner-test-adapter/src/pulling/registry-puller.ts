import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { OutboundClient, OutboundResponse } from '@breakwater/outbound';
import type { ScanRequest } from '@breakwater/scanner-spec';

export type ManifestDocument = Readonly<Record<string, unknown>>;

/** Pulls one artifact with exactly what the scan request hands over, always by digest. */
export class RegistryPuller {
  private authorization: string | null;
  private readonly base: string;

  constructor(
    private readonly outbound: OutboundClient,
    private readonly request: ScanRequest,
    private readonly signal: AbortSignal,
  ) {
    this.authorization = request.registry.authorization ?? null;
    this.base = request.registry.url.replace(/\/+$/, '');
  }

  async manifest(): Promise<ManifestDocument> {
    const { digest } = this.request.artifact;
    const { body } = await this.get(`manifests/${digest}`, MANIFEST_TYPES);
    const bytes = await readAll(body);
    checkDigest(bytes, digest);
    return JSON.parse(bytes.toString('utf8')) as ManifestDocument;
  }

  async blob(digest: string): Promise<Buffer> {
    const { body } = await this.get(`blobs/${digest}`, '*/*');
    const bytes = await readAll(body);
    checkDigest(bytes, digest);
    return bytes;
  }

  private async get(path: string, accept: string): Promise<OutboundResponse> {
    const url = `${this.base}/v2/${this.request.artifact.repository}/${path}`;
    let answer = await this.ask(url, accept, this.authorization);
    const challenge = answer.headers['www-authenticate'] ?? '';
    if (answer.status === 401 && /^bearer /i.test(challenge) && !this.authorization?.startsWith('Bearer ')) {
      answer.body.destroy();
      this.authorization = `Bearer ${await this.token(challenge)}`;
      answer = await this.ask(url, accept, this.authorization);
    }
    if (answer.status === 200) return answer;
    answer.body.destroy();
    throw new PullError(`the registry answered ${answer.status} to the pull of ${path}`);
  }

  private async token(challenge: string): Promise<string> {
    const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const realm = new URL(parameters.get('realm') ?? '', this.base);
    for (const key of ['service', 'scope']) {
      const value = parameters.get(key);
      if (value !== undefined) realm.searchParams.append(key, value);
    }
    const answer = await this.ask(realm.href, 'application/json', this.authorization);
    const bytes = await readAll(answer.body);
    if (answer.status !== 200) throw new PullError(`the token service answered ${answer.status}`);
    const { token, access_token: accessToken } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    return String(token ?? accessToken);
  }

  private ask(url: string, accept: string, authorization: string | null): Promise<OutboundResponse> {
    return this.outbound.send({
      method: 'GET',
      url,
      headers: { accept, ...(authorization === null ? {} : { authorization }) },
      signal: this.signal,
      tls: { isVerified: this.request.registry.insecure !== true },
      // To the storage behind the registry; the credential stays here.
      maxRedirects: 5,
      limits: { maxResponseBytes: MOST_BLOB_BYTES },
    });
  }
}

/** Its message is what the scan fails with: no credential in it. */
export class PullError extends Error {}

const MOST_BLOB_BYTES = 64 * 2 ** 20;
const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function checkDigest(bytes: Buffer, digest: string): void {
  const [algorithm = '', expected] = digest.split(':');
  if (createHash(algorithm).update(bytes).digest('hex') !== expected)
    throw new PullError(`the content of ${digest} has another digest`);
}
