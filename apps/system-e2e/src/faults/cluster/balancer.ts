import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Random } from '../random.js';

/**
 * What stands in front of replicas: each connection goes to one of them, chosen at random, and to the next when that
 * one does not take it. A replica that dies takes its connections with it, as with any balancer.
 */
export class Balancer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async before(ports: readonly number[], random: Random): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer = new Balancer(server);
    server.on('connection', (client) => {
      client.on('error', () => undefined);
      balancer.pass(client, random.shuffled(ports));
    });
    return balancer;
  }

  /** `127.0.0.1:port`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(client: Socket, candidates: readonly number[]): void {
    const [port, ...others] = candidates;
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const replica = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const refused = (): void => this.pass(client, others);
    replica.once('error', refused);
    replica.once('connect', () => {
      replica.off('error', refused);
      this.join(client, replica);
      this.join(replica, client);
    });
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroySoon();
    });
    from.pipe(to);
  }
}
