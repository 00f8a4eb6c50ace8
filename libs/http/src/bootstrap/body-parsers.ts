import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ValidationFailedError } from '../errors/http.errors.js';

/** Deeper documents are nobody's request: they are made to exhaust a stack. */
const MAX_DEPTH = 64;

/**
 * The bodies that an app reads: JSON, and forms on the few paths that take them. Any other content type is refused.
 *
 * An empty JSON body is no body: clients send `Content-Type: application/json` with every request, also with a DELETE.
 *
 * @param formPaths  beginnings of the paths that read forms, e.g. `/c/`. Elsewhere a form is refused, so that no page
 *   of another site can call the API with one.
 */
export function addBodyParsers(fastify: FastifyInstance, formPaths: readonly string[]): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(...outcomeOf(() => parseJson(String(body))));
  });
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    done(...outcomeOf(() => readForm(request, String(body), formPaths)));
  });
}

/** @throws ValidationFailedError  no JSON, or too deep. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new ValidationFailedError(['body in body is not JSON'], { cause });
  }
  if (isDeeperThan(document, MAX_DEPTH)) throw new ValidationFailedError(['body in body is nested too deeply']);
  return document;
}

function readForm(request: FastifyRequest, body: string, formPaths: readonly string[]): unknown {
  if (formPaths.some((path) => request.url.startsWith(path))) return { ...parseForm(body) };
  throw new ValidationFailedError(['the content type of the body must be application/json']);
}

function outcomeOf(read: () => unknown): [error: Error | null, body?: unknown] {
  try {
    return [null, read()];
  } catch (error) {
    return [error instanceof Error ? error : new Error(String(error))];
  }
}

/** Level by level, because a document can be deeper than the stack. */
function isDeeperThan(document: unknown, depth: number): boolean {
  let level: unknown[] = [document];
  for (let at = 0; level.length > 0; at += 1) {
    if (at > depth) return true;
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}
