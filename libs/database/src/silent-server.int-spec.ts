import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@breakwater/testing';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Database } from './database.js';
import { DatabaseUnavailableError } from './database.errors.js';
import { CreateOutbox1764000000000 } from './migrations/create-outbox.migration.js';

const schema = { entities: [], migrations: [CreateOutbox1764000000000] };

/** A network in front of PostgreSQL that loses everything on the connections of now, and tells nobody. */
class LossyNetwork {
  private readonly sockets = new Set<Socket>();
  private readonly lost = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async before({ hostname, port }: { readonly hostname: string; readonly port: string }): Promise<LossyNetwork> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const network = new LossyNetwork(server);
    server.on('connection', (inner) => {
      const outer = connect(Number(port), hostname);
      for (const [socket, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        network.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.pipe(other);
      }
    });
    return network;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  lose(): void {
    for (const socket of this.sockets) this.lost.add(socket.unpipe().pause());
    this.sockets.clear();
  }

  close(): void {
    this.server.close();
    for (const socket of [...this.sockets, ...this.lost]) socket.destroy();
  }
}

describe('a server that falls silent', () => {
  let test: TestDatabase;
  let network: LossyNetwork;
  let database: Database;

  beforeAll(async () => {
    test = await createTestDatabase(schema);
    const url = new URL(test.url);
    network = await LossyNetwork.before({ hostname: url.hostname, port: url.port });
    url.host = `127.0.0.1:${network.port}`;
    const options = { url: url.href, poolSize: 2, applicationName: 'silent', answerTimeoutMs: 300 };
    database = await Database.connect(options, schema);
  });
  afterAll(async () => {
    await database.close();
    network.close();
    await test.drop();
  });

  it('is unavailable to a read, and the next one has another connection', async () => {
    await Promise.all([database.ping(), database.ping()]);
    network.lose();
    const reads = [database.rows('SELECT 1'), database.prepared({ name: 'one', text: 'SELECT 1' }, [])];
    for (const outcome of await Promise.allSettled(reads))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
    await Promise.all([database.ping(), database.ping()]);
  });

  it('is unavailable to a unit of work, whose connection nobody gets after it', async () => {
    const unit = (): Promise<unknown> =>
      database.unitOfWork.run(async (tx) => {
        await tx.rows('SELECT 1');
        network.lose();
        await tx.rows('SELECT 1');
      });
    for (const outcome of await Promise.allSettled([unit(), unit()]))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
    await Promise.all([database.ping(), database.ping()]);
  });
});
