import type { FailedAttempts } from '@breakwater/audit';
import type { ProjectReader } from '@breakwater/catalog';
import { actorName } from '@breakwater/rbac';
import type { FastifyInstance } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { PROJECT_BY_NAME, PROJECT_BY_NAME_OR_ID } from '../access/access-rule.js';
import { findCall, type Call } from '../access/request-access.js';
import { AUDITED_OPERATIONS } from './audited-operations.js';

/**
 * Writes down who tried in vain to change something, once the answer is out. Not: nobody, whose wrong passwords are
 * sign-ins; nor what is no request at all, such as a body that cannot be read, since nobody has looked who sends it.
 */
export function noteFailedOperations(
  fastify: FastifyInstance,
  attempts: Pick<FailedAttempts, 'noteLater'>,
  projects: Pick<ProjectReader, 'find'>,
): void {
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    done();
    const call = statusCode < 400 ? null : findCall(request);
    const type = AUDITED_OPERATIONS[call?.operationId ?? ''] ?? null;
    if (call === null || type === null || call.actor.kind === 'anonymous') return;
    const attempt = {
      type,
      username: actorName(call.actor),
      resource: namedBy(request.params as Parameters) ?? type.replace(/^.*_/, ''),
      reason: `${statusCode} ${STATUS_CODES[statusCode]?.toLowerCase() ?? ''}`.trim(),
    };
    attempts.noteLater(projectIdOf(call, projects).then((projectId) => ({ ...attempt, projectId })));
  });
}

/** Also of a project that the caller may not touch: its administrators are who shall see it. */
async function projectIdOf({ project }: Call, projects: Pick<ProjectReader, 'find'>): Promise<number | null> {
  if (project === null) return null;
  // The database may be what has failed the operation.
  const found = await projects.find(project).catch(() => null);
  return found?.id ?? null;
}

type Parameters = Readonly<Record<string, string>>;

/** What the path names, as rows name it: `team/app:v1`, `team`; `#5` where it has an id. Null: nothing. */
function namedBy(parameters: Parameters): string | null {
  const {
    [PROJECT_BY_NAME]: name,
    [PROJECT_BY_NAME_OR_ID]: project = name,
    repository_name: repository,
    reference,
    tag_name: tag,
    ...ids
  } = parameters;
  if (repository !== undefined) {
    const within = `${project}/${decoded(repository)}`;
    if (tag !== undefined) return `${within}:${tag}`;
    return reference === undefined ? within : `${within}${reference.includes(':') ? '@' : ':'}${reference}`;
  }
  const id = Object.values(ids).at(-1);
  return id === undefined ? (project ?? null) : /^[0-9]+$/.test(id) ? `#${id}` : id;
}

/** Clients encode the slashes of a repository twice, as Harbor wants it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
