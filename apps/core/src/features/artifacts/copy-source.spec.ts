import { describe, expect, it } from '@jest/globals';
import { InvalidCopySourceError, parseCopySource } from './copy-source.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseCopySource', () => {
  it.each([
    ['library/alpine:3.20', 'library/alpine', { kind: 'tag', tag: '3.20' }, '3.20'],
    [`team/tools/cache@${DIGEST}`, 'team/tools/cache', { kind: 'digest', digest: DIGEST }, DIGEST],
    [`library/alpine:3.20@${DIGEST}`, 'library/alpine', { kind: 'digest', digest: DIGEST }, DIGEST],
    ['library/alpine', 'library/alpine', null, ''],
  ])('%s', (text, repository, reference, shown) => {
    expect(parseCopySource(text)).toEqual({ repository, reference, text: shown });
  });

  it.each([
    '',
    'alpine:3.20',
    'library/Alpine:1',
    'library/alpine:',
    'library/alpine:-',
    'library/alpine@sha256:short',
    'library/alpine@',
    `library/alpine:@${DIGEST}`,
    `library/alpine@${DIGEST}:tag`,
    'https://registry/library/alpine:1',
    'registry:5000/library/alpine:1',
  ])('refuses %j', (text) => {
    expect(() => parseCopySource(text)).toThrow(InvalidCopySourceError);
  });
});
