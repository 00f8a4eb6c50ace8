import { HttpException } from '@nestjs/common';
import { AppError } from '@breakwater/errors';
import { codeOfStatus, HARBOR_ERROR, harborCodeOf, type HarborCodes } from './harbor-error.js';
import { MethodNotAllowedError } from './http.errors.js';

/** Content type of every error of the REST API. */
export const ERROR_CONTENT_TYPE = 'application/json; charset=utf-8';

/** Seconds after which a client may ask again where an error does not know better. */
export const DEFAULT_RETRY_AFTER_SECONDS = 5;

export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
  /** In the spelling in which they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** The caller is not to blame and gets no reason: the log must have it. */
  readonly isOurs: boolean;
}

/** One error, as Harbor's clients read it. Ends with a newline. */
export function errorBody(code: string, message: string): string {
  return `${JSON.stringify({ errors: [{ code, message }] })}\n`;
}

/**
 * The answer to anything that was thrown. What is not an `AppError` or an error of the framework is our own mistake,
 * 500, and nothing of it is told.
 */
export function answerTo(error: unknown, codes?: HarborCodes): ErrorAnswer {
  if (error instanceof AppError) return answerToAppError(error, codes);
  if (error instanceof HttpException) return answerWithStatus(error.getStatus(), error.message);
  if (isFastifyError(error)) return answerWithStatus(error.statusCode, error.message);
  return answerWithStatus(500, '');
}

function answerToAppError(error: AppError, codes: HarborCodes | undefined): ErrorAnswer {
  const code = harborCodeOf(error, codes);
  const status = HARBOR_ERROR[code];
  return {
    status,
    body: errorBody(code, status >= 500 ? maskFor(status) : error.message),
    headers: { ...retryAfter(error, status), ...allow(error) },
    isOurs: status >= 500,
  };
}

function answerWithStatus(status: number, message: string): ErrorAnswer {
  // Bodies that the operation does not take are faults of validation in Harbor.
  if (status === 415) {
    const fault = 'validation failure list:\nthe content type of the body is not one that this operation takes';
    return { status: 422, body: errorBody('UNPROCESSABLE_ENTITY', fault), headers: {}, isOurs: false };
  }
  const isOurs = status >= 500;
  const code = isOurs && status !== 503 ? 'UNKNOWN' : codeOfStatus(status);
  const headers = status === 503 ? { 'Retry-After': String(DEFAULT_RETRY_AFTER_SECONDS) } : {};
  return { status, body: errorBody(code, isOurs ? maskFor(status) : message), headers, isOurs };
}

function maskFor(status: number): string {
  if (status === 503) return 'the service is not available now, try again later';
  if (status === 507) return 'the storage has no room left';
  return 'internal server error';
}

function retryAfter(error: AppError, status: number): Record<string, string> {
  const seconds = error.detail['retryAfterSeconds'];
  if (typeof seconds === 'number' && seconds >= 0) return { 'Retry-After': String(Math.ceil(seconds)) };
  return status === 503 ? { 'Retry-After': String(DEFAULT_RETRY_AFTER_SECONDS) } : {};
}

function allow(error: AppError): Record<string, string> {
  return error instanceof MethodNotAllowedError ? { Allow: error.allowed.join(', ') } : {};
}

interface FastifyError extends Error {
  readonly code: string;
  readonly statusCode: number;
}

/** Only Fastify's own: a status code on any other error is somebody else's, a database's or an upstream's. */
function isFastifyError(error: unknown): error is FastifyError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('FST_') &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
  );
}
