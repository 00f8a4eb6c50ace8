import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { tar } from './tar.js';

describe('tar', () => {
  it('is read by tar as it was meant', () => {
    const archive = tar([
      { path: 'etc/', kind: 'directory' },
      { path: 'etc/name', body: 'content' },
      { path: 'etc/alias', kind: 'symlink', target: 'name' },
      { path: 'etc/other', kind: 'hardLink', target: 'etc/name' },
      { path: 'bin/run', body: '#!', mode: 0o755 },
      { path: 'var/hole', kind: 'sparse', body: Buffer.alloc(512, 1), realSizeBytes: 1_048_576 },
    ]);
    const listed = execFileSync('tar', ['-tvf', '-', '--utc', '--numeric-owner'], { input: archive }).toString();
    const lines = listed
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/\s+/g, ' '));
    expect(lines).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
      '-rw-r--r-- 0/0 7 1970-01-01 00:00 etc/name',
      'lrw-r--r-- 0/0 0 1970-01-01 00:00 etc/alias -> name',
      'hrw-r--r-- 0/0 0 1970-01-01 00:00 etc/other link to etc/name',
      '-rwxr-xr-x 0/0 2 1970-01-01 00:00 bin/run',
      '-rw-r--r-- 0/0 1048576 1970-01-01 00:00 var/hole',
    ]);
    expect(execFileSync('tar', ['-xOf', '-', 'etc/name'], { input: archive }).toString()).toBe('content');
  });
});
