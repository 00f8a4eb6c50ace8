/**
 * One operation of an API, reduced to what a client notices: Harbor's and ours are brought to this form and compared.
 */
export interface OperationShape {
  /** `GET /api/v2.0/users/{user_id}`, without a trailing slash. */
  readonly key: string;
  readonly operationId: string;
  readonly tag: string;
  /** By `in name`, e.g. `query page_size`; header names in lower case. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Null where it takes none. */
  readonly body: Fields | null;
  /** By status. */
  readonly responses: ReadonlyMap<string, ResponseShape>;
}

export interface Parameter {
  readonly type: string;
  readonly isRequired: boolean;
  readonly isAddition: boolean;
}

export interface ResponseShape {
  /** Null where nothing is said of a body. */
  readonly body: Fields | null;
  /** In lower case. */
  readonly headers: readonly string[];
}

/**
 * Every value of a JSON document by its path: `[]` an element, `{}` a value of a map, `name` a field.
 * `[].metadata.public` is a field of a field of an element; the empty path is the document itself.
 */
export type Fields = ReadonlyMap<string, Field>;

export interface Field {
  /** `string`, `date-time`, `integer`, `number`, `boolean`, `array`, `object`, or `file` for bytes. */
  readonly type: string;
  /** Marked as Breakwater's own: beside what Harbor has, not instead of it. */
  readonly isAddition: boolean;
  /** May be null. */
  readonly isNullable?: boolean;
}

/** Sent and answered with every operation, so it is not compared with each. */
export const REQUEST_ID_HEADER = 'x-request-id';

export function operationKey(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.length > 1 ? path.replace(/\/$/, '') : path}`;
}

export function joinPath(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`;
}
