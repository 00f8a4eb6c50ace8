import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  json<T>(): T;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Sends the body without a length, in chunks. */
  readonly isChunked?: boolean;
}

/** What a client of the data plane says, with what it is called; one kept connection. */
export class HttpClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  /** @param authorization  sent with every request; null for none. */
  constructor(
    readonly port: number,
    private readonly authorization: string | null,
  ) {}

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  head(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('HEAD', path, { headers });
  }

  post(path: string, sent: Sent = {}): Promise<Answer> {
    return this.send('POST', path, sent);
  }

  patch(path: string, sent: Sent = {}): Promise<Answer> {
    return this.send('PATCH', path, sent);
  }

  put(path: string, sent: Sent = {}): Promise<Answer> {
    return this.send('PUT', path, sent);
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path, {});
  }

  send(method: string, path: string, { headers = {}, body, isChunked = false }: Sent): Promise<Answer> {
    const all: Record<string, string> = { ...headers };
    if (this.authorization !== null) all['Authorization'] = this.authorization;
    if (isChunked) all['Transfer-Encoding'] = 'chunked';
    else if (body !== undefined || !/^(GET|HEAD)$/.test(method))
      all['Content-Length'] = String(Buffer.byteLength(body ?? ''));
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        port: this.port,
        host: '127.0.0.1',
        agent: this.agent,
        method,
        path,
        headers: all,
      });
      request.once('error', reject);
      request.once('response', (response) => {
        void buffer(response).then((bytes) => {
          const { statusCode = 0, rawHeaders } = response;
          const text = bytes.toString();
          resolve({
            status: statusCode,
            headers: response.headers,
            rawHeaders,
            body: bytes,
            text,
            json: <T>() => JSON.parse(text) as T,
          });
        }, reject);
      });
      request.end(body);
    });
  }

  // — what every test needs to have pushed —

  /** @returns the digest. */
  async pushBlob(repository: string, content: Buffer | string): Promise<string> {
    const digest = digestOf(content);
    const answer = await this.post(`/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: content });
    if (answer.status !== 201) throw new Error(`blob push: ${answer.status} ${answer.text}`);
    return digest;
  }

  /** Config and layer first, then the manifest. @returns its digest. */
  async pushArtifact(repository: string, reference: string, manifest: string | null = null): Promise<string> {
    await this.pushBlob(repository, CONFIG);
    await this.pushBlob(repository, LAYER);
    return this.pushManifest(repository, reference, manifest ?? manifestOf());
  }

  async pushManifest(repository: string, reference: string, manifest: string): Promise<string> {
    const { mediaType = OCI_MANIFEST } = JSON.parse(manifest) as { mediaType?: string };
    const answer = await this.put(`/v2/${repository}/manifests/${reference}`, {
      body: manifest,
      headers: { 'Content-Type': mediaType },
    });
    if (answer.status !== 201) throw new Error(`manifest push: ${answer.status} ${answer.text}`);
    return digestOf(manifest);
  }

  close(): void {
    this.agent.destroy();
  }
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const CONFIG = '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}';
export const LAYER = Buffer.from('a layer of the tests');

/** An image of CONFIG and LAYER. @param more  fields beside or instead of the usual ones. */
export function manifestOf(more: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(CONFIG), size: CONFIG.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(LAYER), size: LAYER.length }],
    ...more,
  });
}

export function digestOf(content: Buffer | string, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}
