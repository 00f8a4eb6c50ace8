import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { Digest, RepositoryName } from '@breakwater/oci';
import { FINDINGS_FILE, FINDINGS_LABEL } from '../pulling/declared-findings.js';

export interface FixtureArtifact {
  readonly repository: RepositoryName;
  readonly digest: Digest;
}

export interface FixtureRegistry {
  readonly url: string;
  /** `GET /v2/… <Authorization>`, in their order. */
  readonly requests: readonly string[];
  /** An image that declares these findings: in an annotation, in a label, in a file of a layer, or not at all. */
  add(repository: string, findings: readonly object[], place?: FindingsPlace): FixtureArtifact;
  stop(): Promise<void>;
}

export type FindingsPlace = 'annotation' | 'label' | 'layer' | 'nowhere';

/**
 * A registry with a few images, that lets in who shows `user` and `password`: as Basic, or in exchange for a token at a
 * realm that is elsewhere.
 */
export async function startFixtureRegistry(kind: 'Basic' | 'Bearer' = 'Basic'): Promise<FixtureRegistry> {
  const content = new Map<string, Buffer>();
  const requests: string[] = [];
  const basic = `Basic ${Buffer.from('user:pass:wörd').toString('base64')}`;
  const put = (bytes: Buffer): { digest: Digest; size: number } => {
    const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    content.set(digest, bytes);
    return { digest, size: bytes.length };
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { url = '', headers } = request;
    requests.push(`${request.method} ${url} ${headers.authorization ?? 'nobody'}`);
    if (url.startsWith('/token')) {
      if (headers.authorization !== basic) return void response.writeHead(401).end();
      return void response.end(JSON.stringify({ token: 'the-token' }));
    }
    if (headers.authorization !== (kind === 'Basic' ? basic : 'Bearer the-token')) {
      // Relative, as some registries have it.
      const realm = kind === 'Basic' ? 'Basic realm="fixture"' : 'Bearer realm="/token",service="fixture",scope="pull"';
      return void response.writeHead(401, { 'www-authenticate': realm }).end();
    }
    const found = /^\/v2\/.+\/(?:manifests|blobs)\/(sha256:[0-9a-f]{64})$/.exec(url)?.[1];
    const bytes = content.get(found ?? '');
    if (bytes === undefined) return void response.writeHead(404).end();
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    add: (repository, findings, place = 'annotation') => {
      const declared = { [FINDINGS_LABEL]: JSON.stringify(findings) };
      const labels = place === 'label' ? { Labels: declared } : {};
      const config = put(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: labels })));
      const file = place === 'layer' ? JSON.stringify(findings) : '';
      const layer = put(gzipSync(archive(place === 'layer' ? FINDINGS_FILE : 'etc/os-release', file)));
      const manifest = {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
        ...(place === 'annotation' ? { annotations: declared } : {}),
      };
      const { digest } = put(Buffer.from(JSON.stringify(manifest)));
      return { repository: RepositoryName.parse(repository), digest };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A tar archive with one file. */
function archive(name: string, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  new Header({ path: `./${name}`, mode: 0o644, uid: 0, gid: 0, size: body.length, type: 'File' }).encode(header, 0);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512), Buffer.alloc(1024)]);
}
