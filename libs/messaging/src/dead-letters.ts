import { AppError } from '@breakwater/errors';
import { JetStreamApiError } from '@nats-io/jetstream';
import type { JetStream } from './jet-stream.js';
import { STREAMS } from './streams.js';

/** A message that nobody could read, as it is kept. */
export interface DeadLetter {
  /** Unique; the newest is the highest. */
  readonly sequence: number;
  /** Who gave it up: a durable consumer, or `outbox-relay`. */
  readonly givenUpBy: string;
  readonly givenUpAt: string;
  /** Where it was sent to. */
  readonly subject: string;
  readonly messageId: string;
  readonly reason: { readonly code: string; readonly message: string };
  /** How often it was tried. */
  readonly deliveries: number;
  /** What it said; shortened when it is very long. */
  readonly text: string;
}

export type NewDeadLetter = Pick<DeadLetter, 'givenUpBy' | 'subject' | 'messageId' | 'deliveries' | 'text'> & {
  readonly error: unknown;
};

/** Poisoned messages, kept for thirty days so that somebody can see what happened and to whom. */
export class DeadLetters {
  constructor(private readonly bus: JetStream) {}

  /** @throws BusUnavailableError */
  async add({ error, text, ...letter }: NewDeadLetter): Promise<void> {
    const record = {
      ...letter,
      givenUpAt: new Date().toISOString(),
      reason: reasonOf(error),
      text: text.slice(0, MAX_TEXT_LENGTH),
    };
    const messageId = `${letter.givenUpBy}:${letter.messageId}`;
    await this.bus.store(`dead-letters.${letter.givenUpBy}`, record, { messageId });
  }

  /**
   * Newest first.
   *
   * @param before  only those with a lower sequence: the last one of the page before.
   * @throws BusUnavailableError
   */
  async list({ limit, before = Infinity }: { limit: number; before?: number }): Promise<readonly DeadLetter[]> {
    const { streams } = await this.bus.manager();
    const { state } = await streams.info(STREAM);
    const found: DeadLetter[] = [];
    for (let sequence = Math.min(state.last_seq, before - 1); sequence >= state.first_seq; sequence--) {
      if (found.length === limit) break;
      const message = await streams.getMessage(STREAM, { seq: sequence }).catch(ignoreMissing);
      if (message) found.push({ ...message.json<Omit<DeadLetter, 'sequence'>>(), sequence });
    }
    return found;
  }

  /** @returns whether there was one. @throws BusUnavailableError */
  async remove(sequence: number): Promise<boolean> {
    const { streams } = await this.bus.manager();
    return (await streams.deleteMessage(STREAM, sequence).catch(ignoreMissing)) ?? false;
  }
}

const STREAM = STREAMS.deadLetters.name;
const MAX_TEXT_LENGTH = 100_000;
const NO_MESSAGE_FOUND = 10_037;
const SEQUENCE_NOT_FOUND = 10_043;

function reasonOf(error: unknown): DeadLetter['reason'] {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

function ignoreMissing(error: unknown): null {
  if (error instanceof JetStreamApiError && (error.code === NO_MESSAGE_FOUND || error.code === SEQUENCE_NOT_FOUND))
    return null;
  throw error;
}
