import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  joinPath,
  operationKey,
  type Field,
  type Fields,
  type OperationShape,
  type ResponseShape,
} from './operation-shape.js';

/** Harbor's API v2.0, from `contract/harbor-v2.0.operations.json`. */
export function readHarborOperations(): OperationShape[] {
  const { operations, schemas } = JSON.parse(readFileSync(FILE, 'utf8')) as HarborFile;
  return operations.map((operation) => ({
    key: operationKey(operation.method, operation.path),
    operationId: operation.operationId,
    tag: operation.tag,
    parameters: new Map(
      (operation.params ?? []).map(({ name, in: place, type, required }) => [
        `${place} ${place === 'header' ? name.toLowerCase() : name}`,
        // Of a list's elements our document says nothing here either.
        { type: type.replace(/<.+>$/, ''), isRequired: required === true, isAddition: false },
      ]),
    ),
    body: operation.body === undefined ? null : fieldsOf(operation.body, schemas),
    responses: new Map(
      Object.entries(operation.responses).map(([status, type]): [string, ResponseShape] => [
        status,
        {
          body: type === null ? null : fieldsOf(type, schemas),
          headers: (operation.responseHeaders?.[status] ?? []).map((name) => name.toLowerCase()),
        },
      ]),
    ),
  }));
}

const FILE = join(import.meta.dirname, '../../contract/harbor-v2.0.operations.json');

function fieldsOf(type: string, schemas: HarborSchemas): Fields {
  const fields = new Map<string, Field>();
  addType(fields, '', type, schemas, []);
  return fields;
}

/** `array<User>`, `map<string>`, the name of a schema or of a simple type. */
function addType(
  fields: Map<string, Field>,
  path: string,
  type: string,
  schemas: HarborSchemas,
  inside: string[],
): void {
  const generic = /^(array|map)<(.+)>$/.exec(type);
  if (generic) {
    const [, kind, element = ''] = generic;
    fields.set(path, field(kind === 'array' ? 'array' : 'object'));
    addType(fields, joinPath(path, kind === 'array' ? '[]' : '{}'), element, schemas, inside);
    return;
  }
  const schema = schemas[type];
  // A name for a simple type.
  const simple = schema?.['$schema']?.type;
  if (simple !== undefined) return void fields.set(path, field(simple));
  fields.set(path, field(schema === undefined ? type : 'object'));
  if (schema === undefined || inside.includes(type)) return;
  for (const [name, property] of Object.entries(schema)) {
    // A schema that is a map has its values' type under this name.
    const part = name === '$additionalProperties' ? '{}' : name;
    addProperty(fields, joinPath(path, part), property, schemas, [...inside, type]);
  }
}

function addProperty(
  fields: Map<string, Field>,
  path: string,
  property: HarborProperty,
  schemas: HarborSchemas,
  inside: string[],
): void {
  if (property.ref !== undefined) return addType(fields, path, property.ref, schemas, inside);
  fields.set(path, field(property.format === 'date-time' ? 'date-time' : (property.type ?? 'object')));
  if (property.items) addProperty(fields, joinPath(path, '[]'), property.items, schemas, inside);
  if (typeof property.additionalProperties === 'object') {
    addProperty(fields, joinPath(path, '{}'), property.additionalProperties, schemas, inside);
  }
}

function field(type: string): Field {
  return { type, isAddition: false };
}

interface HarborFile {
  readonly operations: readonly {
    readonly method: string;
    readonly path: string;
    readonly operationId: string;
    readonly tag: string;
    readonly params?: readonly {
      readonly name: string;
      readonly in: string;
      readonly type: string;
      readonly required?: boolean;
    }[];
    readonly body?: string;
    readonly responses: Readonly<Record<string, string | null>>;
    readonly responseHeaders?: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly schemas: HarborSchemas;
}

type HarborSchemas = Readonly<Record<string, Readonly<Record<string, HarborProperty>>>>;

interface HarborProperty {
  readonly type?: string;
  readonly format?: string;
  readonly ref?: string;
  readonly items?: HarborProperty;
  readonly additionalProperties?: HarborProperty | boolean;
}
