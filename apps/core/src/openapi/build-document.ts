import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_EXTENSION, PROJECT_BY_NAME, PROJECT_BY_NAME_OR_ID, type AccessRule } from '../access/access-rule.js';
import { ErrorsBody } from '../rest/errors.dto.js';
import { FAILURE } from '../rest/operation.decorator.js';

/**
 * The OpenAPI document of everything that this process serves, from the controllers and their DTOs.
 *
 * What holds for every operation is added here instead of on each: the failures that its access rule, its parameters
 * and its body can give, who may call it, the request id, and the header that makes a project's name of digits a name.
 */
export function buildDocument(app: INestApplication, version: string): OpenAPIObject {
  const configuration = new DocumentBuilder()
    .setTitle('Breakwater API')
    .setDescription("Harbor's API v2.0, and beside it what Harbor does not have (`x-breakwater-addition`).")
    .setVersion(version)
    .addBasicAuth({ type: 'http', description: 'User name or e-mail address, and password.' }, 'basic')
    .build();
  const document = SwaggerModule.createDocument(app, configuration, {
    operationIdFactory: (_, method) => method,
    extraModels: [ErrorsBody],
  });
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item) as Operation[]) complete(path, operation);
  }
  return document;
}

function complete(path: string, operation: Operation): void {
  const rule = operation[ACCESS_EXTENSION];
  const parameters = (operation.parameters ??= []);
  parameters.push(...parametersOf(path).filter(({ name }) => !parameters.some((known) => known.name === name)));
  const isOfProject = parameters.some(({ name }) => name === PROJECT_BY_NAME || name === PROJECT_BY_NAME_OR_ID);
  if (rule) operation.security = securityOf(rule, isOfProject);
  for (const status of failuresOf(rule, operation, isOfProject)) operation.responses[status] ??= failure(status);
  for (const parameter of parameters) {
    // Nest knows numbers only; every id in a path is a whole one.
    if (parameter.in === 'path' && parameter.schema?.type === 'number') parameter.schema.type = 'integer';
    if (parameter.name === PROJECT_BY_NAME_OR_ID) parameters.push(IS_RESOURCE_NAME);
  }
  parameters.push(REQUEST_ID);
}

/** Those that a handler reads by a decorator of our own, or leaves to the access guard. */
function parametersOf(path: string): Parameter[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

/** An empty requirement means that none is needed: on public projects some of a project's operations need none. */
function securityOf(rule: AccessRule, isOfProject: boolean): object[] {
  if (rule.kind === 'open') return [];
  const isForAnybody = rule.kind === 'anyone' || (rule.kind === 'permission' && isOfProject);
  return isForAnybody ? [{ basic: [] }, {}] : [{ basic: [] }];
}

function failuresOf(
  rule: AccessRule | undefined,
  operation: Operation,
  isOfProject: boolean,
): (keyof typeof FAILURE)[] {
  const hasInput = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
  return [
    ...(rule && rule.kind !== 'open' ? [401 as const] : []),
    ...(rule?.kind === 'permission' ? [403 as const] : []),
    ...(isOfProject ? [404 as const] : []),
    ...(hasInput ? [422 as const] : []),
    500,
  ];
}

function failure(status: keyof typeof FAILURE): object {
  const schema = { $ref: '#/components/schemas/Errors' };
  return { description: FAILURE[status], content: { 'application/json': { schema } } };
}

const REQUEST_ID = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description: 'Answered as it is and written to the log; made up when absent.',
  schema: { type: 'string', minLength: 1 },
} as const;

const IS_RESOURCE_NAME = {
  name: 'X-Is-Resource-Name',
  in: 'header',
  required: false,
  description: 'The project is named by its name even if that is all digits.',
  schema: { type: 'boolean', default: false },
} as const;

// The generator's own types allow references everywhere, which it never makes for these.
interface Operation {
  [ACCESS_EXTENSION]?: AccessRule;
  parameters?: Parameter[];
  requestBody?: object;
  responses: Record<string, object>;
  security?: object[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: { type?: string };
}
