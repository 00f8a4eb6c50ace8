import { describe, expect, it } from '@jest/globals';
import { type LocalApp, type LocalAppName, localApps } from './local-apps.js';
import { loadLocalConfig } from './local.config.js';

const PORTS = { core: 7001, operations: { core: 7002, jobservice: 7003, registry: 7004, webhook: 7005 } };

function appOf(name: LocalAppName, environment: NodeJS.ProcessEnv = {}): LocalApp {
  const app = localApps(loadLocalConfig(environment), environment, PORTS).find((each) => each.name === name);
  if (app === undefined) throw new Error(`there is no ${name}`);
  return app;
}

describe('localApps', () => {
  it('lets core ask every other process how it is, and whom the operator names besides', () => {
    const own =
      'jobservice=http://127.0.0.1:7003/healthz/ready,registry=http://127.0.0.1:7004/healthz/ready,' +
      'webhook=http://127.0.0.1:7005/healthz/ready';
    expect(appOf('core').environment['BREAKWATER_HEALTH_COMPONENTS']).toBe(own);
    const more = { BREAKWATER_HEALTH_COMPONENTS: 'trivy=http://127.0.0.1:9000/probe/ready' };
    expect(appOf('core', more).environment['BREAKWATER_HEALTH_COMPONENTS']).toBe(
      `${own},trivy=http://127.0.0.1:9000/probe/ready`,
    );
  });

  it.each(['127.0.0.1', '0.0.0.0', '192.0.2.7', '::1'])(
    'asks the registry on this machine though it serves %s',
    (host) => {
      const { environment, readyUrl } = appOf('registry', { BREAKWATER_HOST: host, BREAKWATER_PORT: '8443' });
      expect(environment).toMatchObject({
        BREAKWATER_REGISTRY_HOST: host,
        BREAKWATER_REGISTRY_PORT: '8443',
        BREAKWATER_REGISTRY_METRICS_HOST: '127.0.0.1',
        BREAKWATER_REGISTRY_METRICS_PORT: '7004',
        BREAKWATER_CORE_URL: 'http://127.0.0.1:7001',
      });
      expect(readyUrl).toBe('http://127.0.0.1:7004/healthz/ready');
    },
  );

  it('trusts the front door to say who called, besides whom the operator trusts', () => {
    expect(appOf('core').environment['BREAKWATER_TRUSTED_PROXIES']).toBe('127.0.0.1');
    const trusting = { BREAKWATER_TRUSTED_PROXIES: '10.0.0.0/8' };
    expect(appOf('core', trusting).environment['BREAKWATER_TRUSTED_PROXIES']).toBe('10.0.0.0/8,127.0.0.1');
    expect(appOf('registry', trusting).environment['BREAKWATER_TRUSTED_PROXIES']).toBe('10.0.0.0/8');
  });

  it('has the registry give large memory back at once, unless the operator says otherwise', () => {
    expect(appOf('registry').environment['MALLOC_MMAP_THRESHOLD_']).toBe('131072');
    const own = { MALLOC_MMAP_THRESHOLD_: '65536' };
    expect(appOf('registry', own).environment['MALLOC_MMAP_THRESHOLD_']).toBe('65536');
    expect(appOf('core').environment['MALLOC_MMAP_THRESHOLD_']).toBeUndefined();
  });

  it('waits for everybody but the dispatcher of webhooks, which nothing is lost without', () => {
    const awaited = localApps(loadLocalConfig({}), {}, PORTS).filter(({ isAwaited }) => isAwaited);
    expect(awaited.map(({ name }) => name)).toEqual(['core', 'jobservice', 'registry']);
    expect(appOf('webhook')).toMatchObject({
      environment: { BREAKWATER_WEBHOOK_PORT: '7005' },
      readyUrl: 'http://127.0.0.1:7005/healthz/ready',
    });
  });

  it.each([
    [{}, 'http://localhost:8080'],
    [{ BREAKWATER_HOST: '0.0.0.0', BREAKWATER_PORT: '81' }, 'http://localhost:81'],
    [{ BREAKWATER_HOST: '192.0.2.7' }, 'http://192.0.2.7:8080'],
    [{ BREAKWATER_HOST: '2001:db8::7' }, 'http://[2001:db8::7]:8080'],
  ])('leaves the address to the request unless it was told: %j', (environment, address) => {
    expect(loadLocalConfig(environment).publicUrl).toBe(address);
    for (const name of ['core', 'registry'] as const)
      expect(appOf(name, environment).environment['BREAKWATER_PUBLIC_URL']).toBeUndefined();
  });

  it('gives the address that it was told to everybody', () => {
    const told = { BREAKWATER_PUBLIC_URL: 'https://registry.example.com' };
    for (const name of ['core', 'jobservice', 'registry', 'webhook'] as const)
      expect(appOf(name, told).environment).toMatchObject(told);
  });

  it('passes on what it does not know', () => {
    expect(appOf('jobservice', { BREAKWATER_LOG_LEVEL: 'debug' }).environment).toMatchObject({
      BREAKWATER_LOG_LEVEL: 'debug',
      BREAKWATER_JOBSERVICE_PORT: '7003',
    });
  });
});
