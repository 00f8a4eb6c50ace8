import { setTimeout as delay } from 'node:timers/promises';
import type { PidFile } from './pid-file.js';

export interface StartedServer {
  readonly port: number;
  readonly pid: number;
  /** Settles when the process is gone, by `stop` or by accident. */
  readonly exited: Promise<{ readonly lastWords: string }>;
  stop(): Promise<void>;
}

const RESTARTS_IN_A_ROW = 5;
const STEADY_AFTER_MS = 30_000;

/** PostgreSQL or NATS under supervision: one that ends by itself is started again where the apps look for it. */
export class ServerProcess<Server extends StartedServer> {
  private readonly stopping = new AbortController();
  private server: Server | null = null;
  private restarting: Promise<void> | null = null;
  private failuresInARow = 0;

  constructor(
    /** As the file of processes knows it: `postgres`, `nats`. */
    private readonly name: string,
    /** @param port  0 takes any free one. */
    private readonly launch: (port: number) => Promise<Server>,
    private readonly pids: Pick<PidFile, 'add' | 'remove'>,
    /** Called when it will not stay up. */
    private readonly onGivenUp: (message: string) => void,
    /** Before it is started again; each further pause in a row is twice as long. */
    private readonly firstPauseMs = 200,
  ) {}

  /** Resolves when it serves. @throws what the launch throws, the first time. */
  async start(port = 0): Promise<Server> {
    const server = await this.launch(port);
    const startedAt = Date.now();
    this.server = server;
    this.pids.add(this.name, server.pid);
    void server.exited.then(({ lastWords }) => {
      this.server = null;
      this.pids.remove(server.pid);
      if (Date.now() - startedAt > STEADY_AFTER_MS) this.failuresInARow = 0;
      if (!this.stopping.signal.aborted) this.restarting = this.restart(server.port, lastWords);
    });
    return server;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // One that is under way ends first: what comes up after this would stay.
    await this.restarting;
    await this.server?.stop();
  }

  private async restart(port: number, lastWords: string): Promise<void> {
    const { signal } = this.stopping;
    for (let words = lastWords; ;) {
      this.failuresInARow++;
      if (this.failuresInARow > RESTARTS_IN_A_ROW) {
        this.onGivenUp(`${this.name} ended ${this.failuresInARow} times in a row. Its last words:\n${words}`);
        return;
      }
      await delay(this.firstPauseMs * 2 ** (this.failuresInARow - 1), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.start(port);
        return;
      } catch (error) {
        words = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
