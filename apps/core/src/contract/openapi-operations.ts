import type { OpenAPIObject } from '@nestjs/swagger';
import { ADDITION_EXTENSION } from '../rest/extensions.js';
import {
  joinPath,
  operationKey,
  REQUEST_ID_HEADER,
  type Field,
  type Fields,
  type OperationShape,
  type Parameter,
  type ResponseShape,
} from './operation-shape.js';

/** The operations of our own document. Those marked as ours as a whole have `isAddition`. */
export function readOpenApiOperations(document: OpenAPIObject): (OperationShape & { readonly isAddition: boolean })[] {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      return operation === undefined
        ? []
        : [{ ...shapeOf(method, path, operation, schemas), isAddition: isMarked(operation) }];
    }),
  );
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;

function shapeOf(method: string, path: string, operation: Operation, schemas: Schemas): OperationShape {
  const parameters = (operation.parameters ?? []).filter(({ name }) => name.toLowerCase() !== REQUEST_ID_HEADER);
  const body = contentOf(operation.requestBody);
  return {
    key: operationKey(method, path),
    operationId: operation.operationId ?? '',
    tag: operation.tags?.[0] ?? '',
    parameters: new Map(parameters.map((parameter) => [parameterKey(parameter), parameterShape(parameter)])),
    body: body && fieldsOf(body, schemas),
    responses: new Map(
      Object.entries(operation.responses ?? {}).map(([status, response]) => [status, responseShape(response, schemas)]),
    ),
  };
}

function parameterKey({ in: place, name }: ParameterObject): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

function parameterShape(parameter: ParameterObject): Parameter {
  return {
    type: parameter.schema?.type ?? 'string',
    isRequired: parameter.required === true,
    isAddition: isMarked(parameter) || isMarked(parameter.schema ?? {}),
  };
}

function responseShape(response: ResponseObject, schemas: Schemas): ResponseShape {
  const schema = contentOf(response);
  const headers = Object.keys(response.headers ?? {}).map((name) => name.toLowerCase());
  return {
    body: schema && fieldsOf(schema, schemas),
    headers: headers.filter((name) => name !== REQUEST_ID_HEADER),
  };
}

function contentOf(holder: { readonly content?: Record<string, { schema?: Schema }> } | undefined): Schema | null {
  return Object.values(holder?.content ?? {})[0]?.schema ?? null;
}

function fieldsOf(schema: Schema, schemas: Schemas): Fields {
  const fields = new Map<string, Field>();
  addSchema(fields, '', schema, schemas, [], false);
  return fields;
}

function addSchema(
  fields: Map<string, Field>,
  path: string,
  schema: Schema,
  schemas: Schemas,
  inside: readonly string[],
  isInAddition: boolean,
): void {
  // A property with a description of its own refers to its schema by `allOf: [ref]`.
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  const name = reference?.replace('#/components/schemas/', '');
  const target = name === undefined ? schema : (schemas[name] ?? {});
  const isAddition = isInAddition || isMarked(schema);
  fields.set(path, { type: typeOf(target), isAddition, ...(schema.nullable === true && { isNullable: true }) });
  if (name !== undefined && inside.includes(name)) return;
  const below = name === undefined ? inside : [...inside, name];
  for (const [property, value] of Object.entries(target.properties ?? {})) {
    addSchema(fields, joinPath(path, property), value, schemas, below, isAddition);
  }
  if (target.items) addSchema(fields, joinPath(path, '[]'), target.items, schemas, below, isAddition);
  if (typeof target.additionalProperties === 'object') {
    addSchema(fields, joinPath(path, '{}'), target.additionalProperties, schemas, below, isAddition);
  }
}

function typeOf(schema: Schema): string {
  if (schema.format === 'date-time' || schema.format === 'binary')
    return schema.format === 'binary' ? 'file' : 'date-time';
  return schema.type ?? 'object';
}

function isMarked(holder: object): boolean {
  return (holder as Record<string, unknown>)[ADDITION_EXTENSION] === true;
}

// What this reads of an OpenAPI 3.0 document; the types of the generator allow much that it never makes.
type Schemas = Readonly<Record<string, Schema>>;

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

interface ParameterObject {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface ResponseObject {
  readonly content?: Record<string, { schema?: Schema }>;
  readonly headers?: Readonly<Record<string, object>>;
}

interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: { readonly content?: Record<string, { schema?: Schema }> };
  readonly responses?: Readonly<Record<string, ResponseObject>>;
}
