import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLocalConfig } from './local.config.js';

describe('loadLocalConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'local-config-'));
    writeFileSync(join(folder, 'secret'), 's3cret\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['BREAKWATER_DATABASE_URL', 'BREAKWATER_NATS_URL', 'BREAKWATER_ADMIN_PASSWORD', 'BREAKWATER_SECRET_KEY'])(
    'reads %s from the file that is named, and tells the apps only once',
    (name) => {
      const { environment } = loadLocalConfig({ [`${name}_FILE`]: join(folder, 'secret') });
      expect(environment[name]).toBe('s3cret');
      expect(environment[`${name}_FILE`]).toBeUndefined();
    },
  );

  it('leaves to the apps what only they need', () => {
    const told = { BREAKWATER_S3_SECRET_ACCESS_KEY_FILE: join(folder, 'secret') };
    expect(loadLocalConfig(told).environment).toEqual(told);
  });

  it('says which secret cannot be read, and which is given twice, and never its value', () => {
    const path = join(folder, 'missing');
    expect(() => loadLocalConfig({ BREAKWATER_NATS_URL_FILE: path })).toThrow(
      'BREAKWATER_NATS_URL cannot be read from the file that BREAKWATER_NATS_URL_FILE names (ENOENT)',
    );
    const twice = { BREAKWATER_SECRET_KEY: 'value', BREAKWATER_SECRET_KEY_FILE: path };
    expect(() => loadLocalConfig(twice)).toThrow(
      'BREAKWATER_SECRET_KEY and BREAKWATER_SECRET_KEY_FILE are both set: set one',
    );
  });
});
