import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerTo, ERROR_CONTENT_TYPE } from './error-body.js';
import type { HarborCodes } from './harbor-error.js';

/** What the log is told of an error that is ours. No query string: it may hold a secret. */
export interface FailedRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export type ErrorLog = (error: unknown, request: FailedRequest) => void;

/** Turns whatever was thrown into an answer, wherever in the life of a request it was thrown. */
export class ErrorResponder {
  constructor(
    private readonly codes: HarborCodes = {},
    private readonly log: ErrorLog = logToNest,
  ) {}

  respond(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const answer = answerTo(error, this.codes);
    if (answer.isOurs) {
      const path = request.url.split('?', 1)[0] ?? '';
      this.log(error, { requestId: request.id, method: request.method, path, status: answer.status });
    }
    if (reply.sent || reply.raw.headersSent) {
      // Half an answer is out: only a broken connection tells the client that it is not the whole.
      reply.raw.destroy();
      return;
    }
    void reply.status(answer.status).headers(answer.headers).type(ERROR_CONTENT_TYPE).send(answer.body);
  }
}

const logger = new Logger('Http');

function logToNest(error: unknown, { requestId, method, path, status }: FailedRequest): void {
  logger.error(`${method} ${path} failed with ${status}, request ${requestId}`, described(error));
  for (let cause = causeOf(error), depth = 0; cause !== undefined && depth < 5; cause = causeOf(cause), depth += 1) {
    logger.error(`caused by, request ${requestId}`, described(cause));
  }
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
