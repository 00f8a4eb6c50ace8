import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { requestIdOf } from './request-id.js';

const request = (id?: string | string[]): IncomingMessage =>
  ({ headers: id === undefined ? {} : { 'x-request-id': id } }) as unknown as IncomingMessage;

describe('requestIdOf', () => {
  it('keeps the id that a proxy gave', () => {
    expect(requestIdOf(request('4bf92f35-77b3.4da6'))).toBe('4bf92f35-77b3.4da6');
  });

  it.each(['', 'a b', 'a\nb', '<script>', 'x'.repeat(65)])('makes its own instead of %p', (id) => {
    expect(requestIdOf(request(id))).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
  });

  it('never gives one id twice', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => requestIdOf(request())));
    expect(ids.size).toBe(1000);
  });
});
