import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How a connection ends: by RST, by FIN, or never, when everything sent on it is lost and nobody is told. */
export type LineFault = 'reset' | 'end' | 'silence';

export interface FaultPlan {
  /** What is counted: what the client sends, or what it is answered. */
  readonly of: 'questions' | 'answers';
  /** Packets are what one side wrote at once; a driver writes a statement at once. */
  readonly in: 'bytes' | 'packets';
  /** So much still passes, over all connections, from now on. */
  readonly after: number;
  readonly fault: LineFault;
  /** What becomes of connections that are made after it, until the line is mended. */
  readonly then: 'refused' | 'served';
}

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  state: 'open' | 'silent' | 'over';
}

/** Stands before a server and fails when it is told to: the network between two processes, as faults see it. */
export class FaultyLine {
  private readonly connections = new Set<Connection>();
  private readonly passed = { questions: { bytes: 0, packets: 0 }, answers: { bytes: 0, packets: 0 } };
  private plan: FaultPlan | null = null;
  private fault: LineFault | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** @param url  of the server, with its port. */
  static async to(url: string): Promise<FaultyLine> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new FaultyLine(server, new URL(url));
    server.on('connection', (near) => line.accept(near));
    return line;
  }

  /** The same address, over this line. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** What passed since the last plan. */
  get traffic(): Readonly<Record<'questions' | 'answers', { readonly bytes: number; readonly packets: number }>> {
    return this.passed;
  }

  /** Whether what was planned has happened. */
  get hasFailed(): boolean {
    return this.fault !== null;
  }

  /** Counts from here, and fails when so much has passed. Null only counts. */
  failAt(plan: FaultPlan | null): void {
    this.plan = plan;
    for (const way of Object.values(this.passed)) way.bytes = way.packets = 0;
  }

  /** At once, for every connection of now. */
  fail(fault: LineFault, then: FaultPlan['then'] = 'refused'): void {
    this.plan = { of: 'questions', in: 'bytes', after: 0, fault, then };
    this.break();
  }

  /** Takes connections again; what is broken stays broken. */
  mend(): void {
    this.plan = null;
    this.fault = null;
    for (const connection of this.connections) if (connection.state === 'silent') destroy(connection);
  }

  close(): void {
    this.server.close();
    for (const connection of this.connections) destroy(connection);
  }

  private accept(near: Socket): void {
    near.on('error', ignore);
    const isRefused = this.fault !== null && this.plan?.then !== 'served';
    if (isRefused && this.fault !== 'silence') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(this.target.port), this.target.hostname).on('error', ignore);
    const connection: Connection = { near, far, state: isRefused ? 'silent' : 'open' };
    this.connections.add(connection);
    near.on('data', (bytes: Buffer) => this.pass(connection, 'questions', far, bytes));
    far.on('data', (bytes: Buffer) => this.pass(connection, 'answers', near, bytes));
    for (const socket of [near, far]) socket.on('close', () => this.closed(connection));
  }

  /** A server beyond a line that is silent hears nothing of the end either, and keeps its locks. */
  private closed(connection: Connection): void {
    if (connection.state !== 'silent') destroy(connection);
    if (connection.near.destroyed && connection.far.destroyed) this.connections.delete(connection);
  }

  private pass(connection: Connection, way: FaultPlan['of'], to: Socket, bytes: Buffer): void {
    if (connection.state !== 'open' || to.destroyed) return;
    const { plan } = this;
    const passed = this.passed[way];
    const allowed = plan !== null && this.fault === null && plan.of === way ? plan.after - passed[plan.in] : Infinity;
    const needed = plan?.in === 'packets' ? 1 : bytes.length;
    const passing = allowed >= needed ? bytes : bytes.subarray(0, plan?.in === 'packets' ? 0 : allowed);
    passed.bytes += passing.length;
    passed.packets++;
    if (passing.length > 0) to.write(passing);
    if (passing.length < bytes.length) this.break();
  }

  private break(): void {
    this.fault = this.plan?.fault ?? 'reset';
    for (const connection of this.connections) {
      connection.state = this.fault === 'silence' ? 'silent' : 'over';
      if (this.fault === 'end') connection.near.end();
      if (this.fault === 'reset') connection.near.resetAndDestroy();
    }
  }
}

function destroy({ near, far }: Connection): void {
  near.destroy();
  far.destroy();
}

function ignore(): void {
  // Broken on purpose; what matters is what the two sides make of it.
}
