import { ScannerMediaType } from '@breakwater/scanner-spec';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of a scanner adapter as registering one needs: it says what it is, under any path. */
export interface MetadataServer {
  /** An address that no other adapter has. */
  url(): string;
  /** Of the requests that came, the oldest first. */
  readonly asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** What it answers from now on; undefined: as it should. */
  answer: { readonly status: number; readonly body: string } | undefined;
  close(): Promise<void>;
}

export const METADATA = {
  scanner: { name: 'Lens', vendor: 'Acme', version: '1.2.3' },
  capabilities: [
    {
      type: 'vulnerability',
      consumes_mime_types: ['application/vnd.oci.image.manifest.v1+json'],
      produces_mime_types: [ScannerMediaType.GENERIC_REPORT],
    },
  ],
  properties: { 'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability' },
};

export async function startMetadataServer(): Promise<MetadataServer> {
  const asked: MetadataServer['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    const { status, body } = made.answer ?? { status: 200, body: JSON.stringify(METADATA) };
    response.writeHead(status, { 'content-type': ScannerMediaType.METADATA }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let adapters = 0;
  const made: MetadataServer = {
    url: () => `http://127.0.0.1:${port}/adapter${++adapters}`,
    asked,
    answer: undefined,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return made;
}
