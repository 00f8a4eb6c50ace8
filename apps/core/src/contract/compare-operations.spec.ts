import { describe, expect, it } from '@jest/globals';
import { compareOperations } from './compare-operations.js';
import type { Field, OperationShape } from './operation-shape.js';

const fields = (types: Record<string, string>): Map<string, Field> =>
  new Map(Object.entries(types).map(([path, type]) => [path, { type, isAddition: false }]));

const shape = (change: Partial<OperationShape> = {}): OperationShape => ({
  key: 'GET /users',
  operationId: 'listUsers',
  tag: 'user',
  parameters: new Map([['query page', { type: 'integer', isRequired: false, isAddition: false }]]),
  body: null,
  responses: new Map([
    ['200', { body: fields({ '': 'array', '[]': 'object', '[].email': 'string' }), headers: ['link'] }],
  ]),
  ...change,
});

const answering = (types: Record<string, string>, headers = ['link']): OperationShape =>
  shape({ responses: new Map([['200', { body: fields(types), headers }]]) });

const found = (ours: OperationShape, harbor = shape()): string[] =>
  compareOperations(harbor, ours).map(({ aspect, what }) => `${aspect} ${what}`);

describe('compareOperations', () => {
  it('finds nothing where nothing differs', () => expect(found(shape())).toEqual([]));

  it('tells a missing field once, not its parts again', () => {
    const harbor = answering({ '': 'object', meta: 'object', 'meta.public': 'string', metadata: 'string' });
    expect(found(answering({ '': 'object' }), harbor)).toEqual([
      'response 200 meta is missing',
      'response 200 metadata is missing',
    ]);
  });

  it('tells another type', () => {
    expect(found(answering({ '': 'array', '[]': 'object', '[].email': 'integer' }))).toEqual([
      "response 200 [].email is of type integer, Harbor's string",
    ]);
  });

  it('lets a marked addition pass and names an unmarked one', () => {
    const extra = fields({ '': 'array', '[]': 'object', '[].email': 'string', '[].size': 'integer' });
    const ours = shape({ responses: new Map([['200', { body: extra, headers: ['link'] }]]) });
    expect(found(ours)).toEqual(["response 200 [].size is not Harbor's and not marked as an addition"]);
    extra.set('[].size', { type: 'integer', isAddition: true });
    expect(found(ours)).toEqual([]);
  });

  it('takes any field of an object of which Harbor names none', () => {
    const harbor = answering({ '': 'object', extra: 'object', name: 'string' });
    expect(found(answering({ '': 'object', extra: 'object', 'extra.os': 'string', name: 'string' }), harbor)).toEqual(
      [],
    );
  });

  it('tells parameters apart by place, and whether they are required', () => {
    const required = { type: 'integer', isRequired: true, isAddition: false };
    expect(found(shape({ parameters: new Map([['query page', required]]) }))).toEqual([
      'parameter query page is required',
    ]);
    expect(found(shape({ parameters: new Map([['header page', { ...required, isRequired: false }]]) }))).toEqual([
      'parameter query page is missing',
      "parameter header page is not Harbor's and not marked as an addition",
    ]);
  });

  it('wants every status and header, and allows more failures but no other success', () => {
    const ok = { body: fields({ '': 'array', '[]': 'object', '[].email': 'string' }), headers: [] };
    const ours = shape({
      responses: new Map([
        ['202', ok],
        ['422', ok],
        ['200', ok],
      ]),
    });
    expect(found(ours)).toEqual(['response 200 header link is missing', "response 202 is not Harbor's"]);
    expect(found(shape({ responses: new Map() }))).toEqual(['response 200 is missing']);
  });

  it('wants the same name and tag', () => {
    expect(found(shape({ operationId: 'users', tag: 'users' }))).toEqual([
      'operationId is users',
      "tag is users, Harbor's user",
    ]);
  });
});
