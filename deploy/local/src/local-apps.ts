import type { LocalConfig } from './local.config.js';

/** The apps of an installation, by the name of their folder. */
export type LocalAppName = 'core' | 'jobservice' | 'registry' | 'webhook';

/** Ports of one start, for this machine only, besides the one that people use. */
export interface LocalPorts {
  readonly core: number;
  /** Of health and metrics. */
  readonly operations: Readonly<Record<LocalAppName, number>>;
}

export interface LocalApp {
  readonly name: LocalAppName;
  readonly environment: NodeJS.ProcessEnv;
  /** Answers 200 once the app serves. */
  readonly readyUrl: string;
  /**
   * Whether an installation is ready only with it. The dispatcher of webhooks is not waited for: what happens before it
   * is up stays in the stream and is told then, and beside the others it would make each of them slower to start.
   */
  readonly isAwaited: boolean;
}

/** What each app is told: everybody but the registry, which is the front door, listens on this machine alone. */
export function localApps(config: LocalConfig, environment: NodeJS.ProcessEnv, ports: LocalPorts): LocalApp[] {
  const { operations } = ports;
  const settings: Readonly<Record<LocalAppName, NodeJS.ProcessEnv>> = {
    core: {
      ...behindFrontDoor(environment),
      BREAKWATER_PUBLIC_URL: config.toldPublicUrl ?? undefined,
      BREAKWATER_CORE_PORT: String(ports.core),
      BREAKWATER_CORE_METRICS_PORT: String(operations.core),
      BREAKWATER_HEALTH_COMPONENTS: healthComponents(environment, operations),
    },
    jobservice: { BREAKWATER_JOBSERVICE_PORT: String(operations.jobservice) },
    registry: {
      MALLOC_MMAP_THRESHOLD_: environment['MALLOC_MMAP_THRESHOLD_'] ?? LARGE_BUFFERS_BYTES,
      BREAKWATER_PUBLIC_URL: config.toldPublicUrl ?? undefined,
      BREAKWATER_REGISTRY_HOST: config.host,
      BREAKWATER_REGISTRY_PORT: String(config.port),
      // Whatever address people use: the front door's health is asked for here, by us and by core.
      BREAKWATER_REGISTRY_METRICS_HOST: THIS_MACHINE,
      BREAKWATER_REGISTRY_METRICS_PORT: String(operations.registry),
      BREAKWATER_CORE_URL: `http://${THIS_MACHINE}:${ports.core}`,
    },
    webhook: { BREAKWATER_WEBHOOK_PORT: String(operations.webhook) },
  };
  return Object.entries(settings).map(([name, own]) => ({
    name: name as LocalAppName,
    environment: { ...environment, ...own },
    readyUrl: readyUrl(operations[name as LocalAppName]),
    isAwaited: name !== 'webhook',
  }));
}

const THIS_MACHINE = '127.0.0.1';

/**
 * Of the C library: from this size on memory is mapped, and goes back to the system when it is freed. Left alone, glibc
 * raises the size to that of the first part of a large upload that is freed, and keeps all later ones in one heap with
 * gaps (docs/operations/performance.md, "Memory").
 */
const LARGE_BUFFERS_BYTES = '131072';

function readyUrl(port: number): string {
  return `http://${THIS_MACHINE}:${port}/healthz/ready`;
}

/** What `GET /api/v2.0/health` tells of besides core itself: each process is asked, under Harbor's name for it. */
function healthComponents(environment: NodeJS.ProcessEnv, operations: LocalPorts['operations']): string {
  const others = Object.entries(operations).filter(([name]) => name !== 'core');
  const own = others.map(([name, port]) => `${name}=${readyUrl(port)}`);
  const more = environment['BREAKWATER_HEALTH_COMPONENTS'];
  return [...own, ...(more ? [more] : [])].join(',');
}

/**
 * Everybody reaches core through the registry, from this machine: who called is what the registry says, or else all
 * clients are one and slow each other down.
 */
function behindFrontDoor(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = environment['BREAKWATER_TRUSTED_PROXIES'];
  return { ...environment, BREAKWATER_TRUSTED_PROXIES: others ? `${others},${THIS_MACHINE}` : THIS_MACHINE };
}
