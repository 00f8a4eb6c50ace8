import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { closeConnections } from '../data-plane/http.js';
import { OciClient } from '../data-plane/oci-client.js';
import type { Api } from '../system/api.js';
import { expectLawful } from './lawful-answer.js';

export const ALGORITHMS = ['sha256', 'sha512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Where the checks run: a project that accepts sparse content, and somebody who may do everything in it. */
export interface World {
  readonly client: OciClient;
  /** A repository that nobody has written to. */
  newRepository(): string;
}

/** @param api  read when the suite starts. */
export function aWorld(api: () => Api): World {
  let client: OciClient;
  let project: string;
  beforeAll(async () => {
    project = await api().project({ sparse_content: 'true' });
    const somebody = await api().member(project, 'projectAdmin');
    client = new OciClient(api().url, somebody, expectLawful);
  });
  afterAll(closeConnections);
  return {
    get client() {
      return client;
    },
    newRepository: () => `${project}/r${randomBytes(5).toString('hex')}`,
  };
}

export function digestOf(content: Buffer | string, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

export function aRandomDigest(algorithm: Algorithm = 'sha256'): string {
  return digestOf(randomBytes(32), algorithm);
}

export function codesOf(answer: { json<T>(): T }): string[] {
  return answer.json<{ errors: { code: string }[] }>().errors.map(({ code }) => code);
}
