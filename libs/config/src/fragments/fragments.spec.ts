import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { describeConfig } from '../describe-config.js';
import { Env, Fragment, type ConfigClass } from '../env.decorator.js';
import { loadConfig, type Environment } from '../load-config.js';
import { BuiltInScannerConfig } from './built-in-scanner.config.js';
import { DatabaseConfig } from './database.config.js';
import { GarbageCollectionConfig } from './garbage-collection.config.js';
import { httpConfig } from './http.config.js';
import { NatsConfig } from './nats.config.js';
import { OutboundConfig } from './outbound.config.js';
import { PublicUrlConfig } from './public-url.config.js';
import { SecretKeyConfig } from './secret-key.config.js';
import { StorageConfig } from './storage.config.js';

describe('StorageConfig', () => {
  it('needs a path for the filesystem', () => {
    expect(problems(StorageConfig, {})).toEqual([
      'BREAKWATER_STORAGE_PATH is required when BREAKWATER_STORAGE_DRIVER is filesystem',
    ]);
    expect(loadConfig(StorageConfig, { BREAKWATER_STORAGE_PATH: '/data' })).toMatchObject({
      driver: 'filesystem',
      path: '/data',
      isRedirecting: false,
    });
  });

  it('needs a bucket for S3, and both halves of a credential', () => {
    expect(problems(StorageConfig, { BREAKWATER_STORAGE_DRIVER: 's3', BREAKWATER_S3_ACCESS_KEY_ID: 'id' })).toEqual([
      'BREAKWATER_S3_BUCKET is required when BREAKWATER_STORAGE_DRIVER is s3',
      'BREAKWATER_S3_SECRET_ACCESS_KEY is required beside BREAKWATER_S3_ACCESS_KEY_ID',
    ]);
    const env = { BREAKWATER_STORAGE_DRIVER: 's3', BREAKWATER_S3_BUCKET: 'blobs', BREAKWATER_S3_PART_BYTES: '32MiB' };
    expect(loadConfig(StorageConfig, env)).toMatchObject({ driver: 's3', s3Bucket: 'blobs', s3PartSizeBytes: 2 ** 25 });
  });

  it('knows two drivers, and the part sizes that S3 takes', () => {
    const env = {
      BREAKWATER_STORAGE_DRIVER: 'floppy',
      BREAKWATER_STORAGE_PATH: '/data',
      BREAKWATER_S3_PART_BYTES: '4MiB',
    };
    expect(problems(StorageConfig, env)).toEqual([
      'BREAKWATER_STORAGE_DRIVER must be one of the following values: filesystem, s3',
      'BREAKWATER_S3_PART_BYTES must not be less than 5242880',
    ]);
  });
});

describe('URLs', () => {
  it('have the protocol of their server', () => {
    expect(problems(DatabaseConfig, { BREAKWATER_DATABASE_URL: 'mysql://db' })).toEqual([
      'BREAKWATER_DATABASE_URL must be a URL that starts with postgres:// or postgresql://',
    ]);
    expect(problems(NatsConfig, { BREAKWATER_NATS_URL: '127.0.0.1:4222' })).toHaveLength(1);
    expect(loadConfig(NatsConfig, {}).url).toBeNull();
    expect(problems(PublicUrlConfig, { BREAKWATER_PUBLIC_URL: 'registry.example.com' })).toHaveLength(1);
  });
});

describe('BREAKWATER_TRUSTED_PROXIES', () => {
  it.each(['10.0.0.0/8', '::1', 'fd00::/8,192.168.1.1'])('takes %s', (ranges) => {
    expect(problems(PublicUrlConfig, { BREAKWATER_TRUSTED_PROXIES: ranges })).toEqual([]);
  });
  it.each(['10.0.0.0/33', 'proxy.example.com', '10.0.0.1/8/8', '/8'])('refuses %s', (ranges) => {
    expect(problems(PublicUrlConfig, { BREAKWATER_TRUSTED_PROXIES: ranges })).toHaveLength(1);
  });
});

describe('SecretKeyConfig', () => {
  it('makes a box of the ring, the first key current', () => {
    const [oldKey, newKey] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const before = loadConfig(SecretKeyConfig, { BREAKWATER_SECRET_KEY: oldKey }).secretBox();
    const after = loadConfig(SecretKeyConfig, { BREAKWATER_SECRET_KEY: `${newKey}, ${oldKey}` }).secretBox();
    const sealed = before.seal('text', 'p');
    expect(after.open(sealed, 'p')).toBe('text');
    expect(after.isStale(sealed)).toBe(true);
  });

  it.each(['short', randomBytes(31).toString('base64'), `${randomBytes(32).toString('base64')},x`])(
    'refuses a ring with a key that is not 32 bytes, without showing it',
    (ring) => {
      expect(problems(SecretKeyConfig, { BREAKWATER_SECRET_KEY: ring })).toEqual([
        'BREAKWATER_SECRET_KEY must be base64 of 32 bytes, or several of them separated by commas',
      ]);
    },
  );
});

describe('httpConfig', () => {
  it('names the variables after the process and stays on this machine by default', () => {
    class RegistryHttp extends httpConfig('REGISTRY', 5000) {}
    class CoreHttp extends httpConfig('CORE', 8080) {}
    const env = { BREAKWATER_REGISTRY_PORT: '5001' };
    expect(loadConfig(RegistryHttp, env)).toEqual({ host: '127.0.0.1', port: 5001 });
    expect(loadConfig(CoreHttp, env)).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(problems(CoreHttp, { BREAKWATER_CORE_PORT: '70000' })).toHaveLength(1);
  });
});

describe('describeConfig', () => {
  class CoreConfig {
    @Fragment() readonly database!: DatabaseConfig;
    @Env('BREAKWATER_ADMIN_PASSWORD', {
      describe: 'First password, of the kind a|b.',
      secret: true,
      default: null,
      type: 'string',
    })
    readonly adminPassword!: string | null;
  }
  class CollectorConfig {
    @Fragment() readonly database!: DatabaseConfig;
    @Fragment() readonly collector!: GarbageCollectionConfig;
  }
  const reference = describeConfig({ core: CoreConfig, jobservice: CollectorConfig });

  it('lists a shared section once, with its readers', () => {
    expect(reference.split('\n').filter((line) => line === '## PostgreSQL')).toHaveLength(1);
    expect(reference).toContain('## PostgreSQL\n\nRead by core, jobservice.\n');
    expect(reference).toContain('## core\n\nRead by core.\n');
  });

  it('tells name, form, default and meaning of each variable', () => {
    expect(reference).toContain('| `BREAKWATER_DATABASE_POOL_SIZE` | whole number | `20` |');
    expect(reference).toMatch(
      /\| `BREAKWATER_DATABASE_URL` or `BREAKWATER_DATABASE_URL_FILE` \| text.* \| \*\*required\*\* \|/,
    );
    expect(reference).toContain('| not set | First password, of the kind a\\|b. |');
  });
});

function problems(config: ConfigClass, env: Environment): string[] {
  try {
    loadConfig(config, env);
    return [];
  } catch (error) {
    return (error as { faults: { name: string; problem: string }[] }).faults.map(
      ({ name, problem }) => `${name} ${problem}`,
    );
  }
}

class Both {
  @Fragment() readonly outbound!: OutboundConfig;
  @Fragment() readonly scanner!: BuiltInScannerConfig;
}

describe('BuiltInScannerConfig', () => {
  it.each([
    ['http://trivy-adapter:8080', 'trivy-adapter'],
    ['https://10.1.2.3/base', '10.1.2.3'],
    ['http://[::1]:8080', '::1'],
  ])('of %s allows calls to %s', (url, host) => {
    const { outbound, scanner } = loadConfig(Both, {
      BREAKWATER_TRIVY_ADAPTER_URL: url,
      BREAKWATER_OUTBOUND_ALLOW: 'other.test',
    });
    expect(outbound.options(scanner.allowedHosts()).allow).toEqual(['other.test', host]);
  });

  it('is none by itself, and an http address', () => {
    expect(loadConfig(BuiltInScannerConfig, {})).toMatchObject({ url: null });
    expect(loadConfig(BuiltInScannerConfig, {}).allowedHosts()).toEqual([]);
    expect(problems(BuiltInScannerConfig, { BREAKWATER_TRIVY_ADAPTER_URL: 'trivy:8080' })).toHaveLength(1);
  });
});

describe('OutboundConfig', () => {
  it('allows nothing that is internal by itself', () => {
    expect(loadConfig(OutboundConfig, {}).options()).toEqual({
      allow: [],
      connectTimeoutMs: 5000,
      proxy: { httpsUrl: null, httpUrl: null, except: [] },
    });
  });

  it.each(['10.0.0.0/8', '::1', 'scanner', 'scanner.internal.', '*.svc.cluster.local,127.0.0.1', 'a_b.c-d.example'])(
    'allows %s',
    (allow) => expect(loadConfig(OutboundConfig, { BREAKWATER_OUTBOUND_ALLOW: allow }).allow).toEqual(allow.split(',')),
  );

  it.each(['10.0.0.0/33', '10.0.0', '*', '*.', 'http://scanner', 'a..b', '-a', '300.1.1.1', 'scanner:8080'])(
    'does not take %s',
    (allow) =>
      expect(problems(OutboundConfig, { BREAKWATER_OUTBOUND_ALLOW: allow })).toEqual([
        expect.stringMatching(/^BREAKWATER_OUTBOUND_ALLOW must be IP addresses, ranges such as/),
      ]),
  );

  it('names every fault, and repeats none of the values', () => {
    const env = {
      BREAKWATER_OUTBOUND_ALLOW: 'what ever',
      BREAKWATER_OUTBOUND_CA: 'no certificate',
      HTTPS_PROXY: 'user:secret@proxy',
    };
    const found = problems(OutboundConfig, env);
    expect(found.map((text) => text.split(' ')[0])).toEqual([
      'BREAKWATER_OUTBOUND_ALLOW',
      'BREAKWATER_OUTBOUND_CA',
      'HTTPS_PROXY',
    ]);
    expect(found.join()).not.toMatch(/what ever|no certificate|secret/);
  });
});
