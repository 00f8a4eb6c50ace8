import { lastingPort } from '@breakwater/testing';
import { join } from 'node:path';
import { faultsConfig } from '../faults.config.js';
import { App, type AppKind } from './app.js';

export interface AppsOfCluster {
  readonly core: App;
  readonly registries: readonly RegistryApp[];
  readonly jobservices: readonly App[];
  readonly webhooks: readonly App[];
}

export interface RegistryApp extends App {
  readonly port: number;
}

export interface AppsPlan {
  readonly registries: number;
  readonly jobservices: number;
  readonly webhooks: number;
  readonly logDirectory: string;
  /** Of all apps. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of one app, by its name, beside or instead of the common one. */
  readonly environmentOf: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The processes of a cluster, none of them started. Every registry is a front door to the one core. */
export async function planApps(plan: AppsPlan): Promise<AppsOfCluster> {
  const corePort = await lastingPort();
  const coreMetricsPort = await lastingPort();
  const core = appOf(plan, 'core', 'core', coreMetricsPort, {
    BREAKWATER_CORE_PORT: String(corePort),
    BREAKWATER_CORE_METRICS_PORT: String(coreMetricsPort),
    // Who called is what the registry in front says.
    BREAKWATER_TRUSTED_PROXIES: '127.0.0.1',
  });
  const registries: RegistryApp[] = [];
  for (let number = 1; number <= plan.registries; number++) {
    const port = await lastingPort();
    const app = appOf(plan, 'registry', `registry-${number}`, port, {
      BREAKWATER_REGISTRY_PORT: String(port),
      BREAKWATER_CORE_URL: `http://127.0.0.1:${corePort}`,
    });
    registries.push(Object.assign(app, { port }));
  }
  const jobservices: App[] = [];
  for (let number = 1; number <= plan.jobservices; number++) {
    const port = await lastingPort();
    const own = {
      BREAKWATER_JOBSERVICE_PORT: String(port),
      // Where scanners pull from.
      BREAKWATER_SCAN_REGISTRY_URL: `http://127.0.0.1:${registries[0]?.port}`,
    };
    jobservices.push(appOf(plan, 'jobservice', `jobservice-${number}`, port, own));
  }
  const webhooks: App[] = [];
  for (let number = 1; number <= plan.webhooks; number++) {
    const port = await lastingPort();
    webhooks.push(appOf(plan, 'webhook', `webhook-${number}`, port, { BREAKWATER_WEBHOOK_PORT: String(port) }));
  }
  return { core, registries, jobservices, webhooks };
}

function appOf(
  plan: AppsPlan,
  kind: AppKind,
  name: string,
  healthPort: number,
  own: Readonly<Record<string, string>>,
): App {
  return new App({
    kind,
    name,
    main: join(faultsConfig.home(), 'apps', kind, 'dist/main.js'),
    environment: { ...plan.environment, ...own, ...plan.environmentOf[name] },
    readyUrl: `http://127.0.0.1:${healthPort}/healthz/ready`,
    logFile: join(plan.logDirectory, `${name}.log`),
  });
}
