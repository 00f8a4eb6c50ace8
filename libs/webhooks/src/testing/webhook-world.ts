import { catalogSchema, ProjectReader, RepositoryDates } from '@breakwater/catalog';
import { cloudEvent, type EventClass } from '@breakwater/contracts';
import { CreateOutbox1764000000000, Outbox, type Database, type DatabaseSchema } from '@breakwater/database';
import { Metrics, SILENT } from '@breakwater/observability';
import { OutboundClient } from '@breakwater/outbound';
import { createTestDatabase } from '@breakwater/testing';
import { randomUUID } from 'node:crypto';
import {
  createWebhookDispatch,
  createWebhooksControl,
  webhooksSchema,
  type WebhookDispatch,
  type WebhookDispatchDependencies,
  type WebhooksControl,
} from '../create-webhooks.js';
import type { Attempt, Delivery } from '../deliveries/delivery.js';
import { OutboundCaller } from '../dispatch/outbound-caller.js';
import type { GivenPolicy, GivenTarget } from '../policies/webhook-policy.js';
import type { SecretSealer } from '../ports.js';

type Options = WebhookDispatchDependencies['options'];

/** A database with the tables, and processes over it as a test needs them. */
export interface WebhookWorld extends WebhooksControl {
  readonly database: Database;
  /** A process that dispatches; not started. `allow` is its list of internal addresses that may be called. */
  dispatch(options?: Partial<Options>, allow?: readonly string[]): Promise<WebhookDispatch>;
  addProject(name: string, given?: { isPublic?: boolean }): Promise<number>;
  addRepository(projectId: number, name: string, createdAt: Date): Promise<void>;
  addPolicy(projectId: number, given?: Partial<GivenPolicy>, ...targets: Partial<GivenTarget>[]): Promise<number>;
  /** Its newest deliveries first, with their attempts. */
  history(projectId: number, policyId: number): Promise<(Delivery & { history: Attempt[] })[]>;
  close(): Promise<void>;
}

/** Quick enough for tests, and otherwise as usual. No answer of a busy machine comes too late. */
export const OPTIONS: Options = {
  maxAttempts: 3,
  firstPauseMs: 20,
  longestPauseMs: 200,
  timeoutMs: 60_000,
  maxPerTarget: 8,
  maxTotal: 64,
  graceMs: 60_000,
  keepSeconds: 3_600,
  keepPerPolicy: 1_000,
};

const SCHEMA: DatabaseSchema = {
  entities: catalogSchema.entities,
  migrations: [CreateOutbox1764000000000, ...catalogSchema.migrations, ...webhooksSchema.migrations],
};

/** Sealed by being marked, so that a test sees what was sealed for what. */
export const sealer: SecretSealer = {
  seal: (plain, purpose) => `sealed(${purpose})${Buffer.from(plain).toString('base64')}`,
  open(sealed, purpose) {
    const [, sealedFor, text = ''] = /^sealed\((.*)\)(.*)$/.exec(sealed) ?? [];
    if (sealedFor !== purpose) throw new Error('it belongs elsewhere');
    return Buffer.from(text, 'base64').toString();
  },
};

export async function createWebhookWorld(): Promise<WebhookWorld> {
  const test = await createTestDatabase(SCHEMA);
  const database = await test.connect();
  const control = createWebhooksControl({ database, outbox: new Outbox(), sealer });
  const opened: WebhookDispatch[] = [];
  const clients: OutboundClient[] = [];
  let count = 0;
  return {
    ...control,
    database,
    async dispatch(options = {}, allow = ['127.0.0.0/8']) {
      const own = await test.connect();
      const client = new OutboundClient({ allow });
      clients.push(client);
      const made = createWebhookDispatch({
        database: own,
        sealer,
        caller: new OutboundCaller(client),
        projects: new ProjectReader(own),
        repositories: new RepositoryDates(own),
        registryHost: 'reg.example',
        logger: SILENT,
        metrics: new Metrics('webhook'),
        options: { ...OPTIONS, ...options },
      });
      opened.push(made);
      return made;
    },
    async addProject(name, { isPublic = false } = {}) {
      const [row] = await database.rows<{ id: number }>(
        'INSERT INTO project (name, owner_id, is_public) VALUES ($1, 1, $2) RETURNING id',
        [name, isPublic],
      );
      return row?.id ?? 0;
    },
    async addRepository(projectId, name, createdAt) {
      await database.rows(
        'INSERT INTO repository (project_id, name, created_at, listed_at) VALUES ($1, $2, $3, now()) RETURNING id',
        [projectId, name, createdAt],
      );
    },
    addPolicy: (projectId, given = {}, ...targets) =>
      control.policies.create('ann', projectId, aPolicy(given, ...targets)),
    async history(projectId, policyId) {
      const all = { limit: 100_000, offset: 0 };
      const { items } = await control.deliveries.list(projectId, policyId, all);
      return Promise.all(
        items.map(async (delivery) => ({
          ...delivery,
          history: await control.deliveries.listAttempts(projectId, policyId, delivery.id),
        })),
      );
    },
    async close() {
      await Promise.all(opened.map(({ dispatcher, sweep }) => Promise.all([dispatcher.stop(), sweep.stop()])));
      await Promise.all(clients.map((client) => client.close()));
      await test.drop();
    },
  };

  function aPolicy(given: Partial<GivenPolicy>, ...targets: Partial<GivenTarget>[]): GivenPolicy {
    const name = `policy-${++count}`;
    const policy = { name, description: '', isEnabled: true, eventTypes: ['PUSH_ARTIFACT'] };
    return { ...policy, targets: targets.map((target) => ({ ...A_TARGET, ...target })), ...given };
  }
}

export const A_TARGET: GivenTarget = {
  type: 'http',
  address: 'http://127.0.0.1:9/hook',
  isCertVerified: true,
  payloadFormat: '',
  authHeader: '',
  signingSecret: null,
};

export const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** An event as it comes from the bus. */
export function anEvent<C extends EventClass>(
  event: C,
  payload: object,
  id: string = randomUUID(),
): { subject: string; data: Uint8Array } {
  const at = '2026-09-21T10:00:01.000Z';
  const told = { by: 'ci', at, ...payload };
  const envelope = cloudEvent({ id, subject: event.subject, key: 'key', time: new Date(at), payload: told });
  return { subject: event.subject, data: Buffer.from(JSON.stringify(envelope)) };
}

/** A push of `<repository>:<tag>`. */
export function aPush(projectId: number, repository: string, tag = '1.0'): object {
  const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';
  return { projectId, repository, digest: DIGEST, manifestMediaType, tags: [tag], subjectDigest: null };
}
