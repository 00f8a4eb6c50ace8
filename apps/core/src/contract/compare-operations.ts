import type { Fields, OperationShape, Parameter } from './operation-shape.js';

/** One thing that a client written for Harbor could notice, e.g. `getUser` `response 200 realname` `is missing`. */
export interface Finding {
  readonly operationId: string;
  /** Stable: the key of a row in docs/api/differences.md. */
  readonly aspect: string;
  readonly what: string;
}

/**
 * How our operation differs from Harbor's of the same method and path.
 *
 * Not a difference: error statuses that Harbor gives without documenting them (a wrong parameter is 422 everywhere),
 * a body where Harbor's document says nothing of one, and what is marked as an addition. A body field that is wanting
 * inside one that is wanting is told once.
 */
export function compareOperations(harbor: OperationShape, ours: OperationShape): Finding[] {
  const findings: Finding[] = [];
  const add = (aspect: string, what: string): void => {
    findings.push({ operationId: harbor.operationId, aspect, what });
  };
  if (ours.operationId !== harbor.operationId) add('operationId', `is ${ours.operationId}`);
  if (ours.tag !== harbor.tag) add('tag', `is ${ours.tag}, Harbor's ${harbor.tag}`);
  compareParameters(harbor.parameters, ours.parameters, add);
  compareFields('body', harbor.body, ours.body, add);
  compareResponses(harbor, ours, add);
  return findings;
}

type Add = (aspect: string, what: string) => void;

function compareParameters(
  harbor: ReadonlyMap<string, Parameter>,
  ours: ReadonlyMap<string, Parameter>,
  add: Add,
): void {
  for (const [key, theirs] of harbor) {
    const own = ours.get(key);
    const aspect = `parameter ${key}`;
    if (own === undefined) add(aspect, 'is missing');
    else if (own.type !== theirs.type) add(aspect, `is of type ${own.type}, Harbor's ${theirs.type}`);
    else if (own.isRequired !== theirs.isRequired) add(aspect, own.isRequired ? 'is required' : 'is optional');
  }
  for (const [key, own] of ours) {
    if (!harbor.has(key) && !own.isAddition) add(`parameter ${key}`, "is not Harbor's and not marked as an addition");
  }
}

function compareResponses(harbor: OperationShape, ours: OperationShape, add: Add): void {
  for (const [status, theirs] of harbor.responses) {
    const own = ours.responses.get(status);
    if (own === undefined) {
      add(`response ${status}`, 'is missing');
      continue;
    }
    compareFields(`response ${status}`, theirs.body, own.body, add);
    for (const header of theirs.headers) {
      if (!own.headers.includes(header)) add(`response ${status} header ${header}`, 'is missing');
    }
  }
  for (const status of ours.responses.keys()) {
    if (!harbor.responses.has(status) && Number(status) < 400) add(`response ${status}`, "is not Harbor's");
  }
}

function compareFields(where: string, harbor: Fields | null, ours: Fields | null, add: Add): void {
  if (harbor === null) return;
  if (ours === null) return add(where, 'has no body');
  const aspectOf = (path: string): string => (path === '' ? where : `${where} ${path}`);
  const wanting: string[] = [];
  for (const [path, theirs] of harbor) {
    if (wanting.some((parent) => path.startsWith(`${parent}.`))) continue;
    const own = ours.get(path);
    if (own?.type === theirs.type) continue;
    wanting.push(path);
    add(aspectOf(path), own === undefined ? 'is missing' : `is of type ${own.type}, Harbor's ${theirs.type}`);
  }
  for (const [path, own] of ours) {
    const isWithinOpenObject = [...harbor].some(
      ([parent, { type }]) => isOpen(harbor, parent, type) && isBelow(path, parent),
    );
    if (!harbor.has(path) && !own.isAddition && !isWithinOpenObject) {
      add(aspectOf(path), "is not Harbor's and not marked as an addition");
    }
  }
}

/** An object of which Harbor's document names no field: any field is as Harbor's. */
function isOpen(fields: Fields, path: string, type: string): boolean {
  return type === 'object' && ![...fields.keys()].some((other) => isBelow(other, path));
}

function isBelow(path: string, parent: string): boolean {
  return parent === '' ? path !== '' : path.startsWith(`${parent}.`);
}
