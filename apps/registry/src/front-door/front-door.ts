import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'undici';
import type { PublicOrigin } from '../access/public-origin.js';
import { Passage, type PassageOptions } from './passage.js';

export interface FrontDoorOptions extends Omit<PassageOptions, 'origin'> {
  /** Origin of core, e.g. `http://127.0.0.1:8081`. */
  readonly coreUrl: string;
}

/** How long core may think before its answer begins, and be silent within it. */
const ANSWER_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 256;

/**
 * The one address of a one-machine installation: what is not the data plane goes on to core (docs/adr/0005).
 *
 * Streams both ways and keeps nothing: no buffering, no caching, no rewriting but of the headers that mean one
 * connection.
 */
export class FrontDoor {
  private readonly core: Pool;
  private readonly options: PassageOptions;

  constructor(origin: PublicOrigin, { coreUrl, ...options }: FrontDoorOptions) {
    this.options = { ...options, origin };
    this.core = new Pool(coreUrl, {
      connections: MAX_CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /** @param awaitsContinue  the client holds its body back until core's side of it is open. */
  serve(request: IncomingMessage, response: ServerResponse, awaitsContinue = false): void {
    new Passage(this.core, request, response, awaitsContinue, this.options).begin();
  }

  async close(): Promise<void> {
    await this.core.destroy();
  }
}
