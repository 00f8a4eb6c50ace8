import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Artifact } from '../artifacts/artifact.js';
import { answerRegistry } from './answer-registry.js';
import { type Behaviour, HostedRepository } from './hosted-repository.js';
import { RequestLog, SITES, type Site } from './request-log.js';
import { selfSignedCertificate } from './self-signed-certificate.js';

export interface FixtureRegistryOptions {
  /** Address to listen on. */
  listenOn: string;
  /** Host name under which the adapter reaches it. */
  host: string;
  /** The sites take this port and the following ones; null: whatever is free. */
  firstPort: number | null;
}

/**
 * The registry that adapters are sent to. It serves what it is told to, in the way it is told to, and remembers every
 * request. Each site is a port of its own, because to an HTTP client that is another host.
 */
export class FixtureRegistry {
  readonly log = new RequestLog();
  readonly repositories = new Map<string, HostedRepository>();
  private readonly servers = new Map<Site, Server>();

  private constructor(private readonly options: FixtureRegistryOptions) {}

  /** @throws Error of Node's when a port is taken or the address is not this machine's. */
  static async open(options: FixtureRegistryOptions): Promise<FixtureRegistry> {
    const registry = new FixtureRegistry(options);
    try {
      for (const [index, site] of SITES.entries())
        await registry.listen(site, options.firstPort === null ? 0 : options.firstPort + index);
    } catch (error) {
      await registry.close();
      throw error;
    }
    return registry;
  }

  /** Serves an artifact under this name at every site. */
  add(name: string, artifact: Artifact, behaviour: Behaviour = {}): HostedRepository {
    const repository = new HostedRepository(name, artifact, behaviour, this.log);
    this.repositories.set(name, repository);
    return repository;
  }

  /** Base address without `/v2`, as an adapter gets it. */
  url(site: Site): string {
    return `${site === 'tls' ? 'https' : 'http'}://${this.authority(site)}`;
  }

  /** An address where nothing listens any more. */
  async unreachableUrl(): Promise<string> {
    const server = createServer();
    await listen(server, 0, this.options.listenOn);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://${this.options.host}:${port}`;
  }

  async close(): Promise<void> {
    const servers = [...this.servers.values()];
    this.servers.clear();
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  private authority(site: Site): string {
    const { port } = this.servers.get(site)!.address() as AddressInfo;
    const { host } = this.options;
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  private async listen(site: Site, port: number): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      answerRegistry(this, site, request, response).catch((error: unknown) => response.destroy(error as Error));
    };
    const server =
      site === 'tls' ? createTlsServer(selfSignedCertificate(this.options.host), answer) : createServer(answer);
    // A handshake that the adapter breaks off is what it is meant to do.
    server.on('tlsClientError', () => undefined);
    await listen(server, port, this.options.listenOn);
    this.servers.set(site, server);
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
