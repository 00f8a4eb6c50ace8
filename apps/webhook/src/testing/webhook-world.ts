import { catalogSchema } from '@breakwater/catalog';
import { ArtifactPushedV1, cloudEvent } from '@breakwater/contracts';
import { CreateOutbox1764000000000, Outbox, type Database } from '@breakwater/database';
import { MessageBus } from '@breakwater/messaging';
import { SILENT } from '@breakwater/observability';
import { createTestDatabase } from '@breakwater/testing';
import { createWebhooksControl, webhooksSchema, type Delivery } from '@breakwater/webhooks';
import { SecretKeyConfig, loadConfig } from '@breakwater/config';
import { randomBytes, randomUUID } from 'node:crypto';

/** A database, a bus and a project, with what the process needs to be told to find them. */
export interface WebhookWorld {
  readonly database: Database;
  readonly environment: Readonly<Record<string, string>>;
  readonly projectId: number;
  /** @returns its id. */
  addPolicy(address: string, signingSecret?: string): Promise<number>;
  /** Tells the bus that something was pushed; waits until the bus has it. With the same id it is the same event. */
  push(tag: string, id?: string): Promise<void>;
  deliveries(policyId: number): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}

const SCHEMA = {
  entities: catalogSchema.entities,
  migrations: [CreateOutbox1764000000000, ...catalogSchema.migrations, ...webhooksSchema.migrations],
};

export async function createWebhookWorld(natsUrl: string): Promise<WebhookWorld> {
  const test = await createTestDatabase(SCHEMA);
  const database = await test.connect();
  const environment = {
    BREAKWATER_DATABASE_URL: test.url,
    BREAKWATER_NATS_URL: natsUrl,
    BREAKWATER_WEBHOOK_PORT: '0',
    BREAKWATER_SECRET_KEY: randomBytes(32).toString('base64'),
    BREAKWATER_PUBLIC_URL: 'https://reg.example:8443',
    BREAKWATER_OUTBOUND_ALLOW: '127.0.0.0/8',
    // However often something fails until a test says that it shall not, the next attempt is near and not the last.
    BREAKWATER_WEBHOOK_RETRY_SECONDS: '1',
    BREAKWATER_WEBHOOK_RETRY_MAX_SECONDS: '1',
    BREAKWATER_WEBHOOK_ATTEMPTS: '100',
  };
  const sealer = loadConfig(SecretKeyConfig, environment, () => undefined).secretBox();
  const control = createWebhooksControl({ database, outbox: new Outbox(), sealer });
  const bus = MessageBus.connect({ url: natsUrl, name: 'test', logger: SILENT });
  const [project] = await database.rows<{ id: number }>(
    `INSERT INTO project (name, owner_id) VALUES ('team', 1) RETURNING id`,
  );
  const projectId = project?.id ?? 0;
  let count = 0;
  return {
    database,
    environment,
    projectId,
    addPolicy(address, signingSecret = '') {
      const target = { type: 'http', address, isCertVerified: true, payloadFormat: '', authHeader: '', signingSecret };
      const named = { name: `policy-${++count}`, description: '', isEnabled: true, eventTypes: ['PUSH_ARTIFACT'] };
      return control.policies.create('ann', projectId, { ...named, targets: [target] });
    },
    async push(tag, id = randomUUID()) {
      const { subject } = ArtifactPushedV1;
      const time = new Date();
      const payload = {
        projectId,
        repository: 'team/app',
        digest: `sha256:${'ab'.repeat(32)}`,
        manifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
        tags: [tag],
        subjectDigest: null,
        by: 'ci',
        at: time.toISOString(),
      };
      await bus.store(subject, cloudEvent({ id, subject, key: 'team/app', time, payload }), { messageId: id });
    },
    async deliveries(policyId) {
      return (await control.deliveries.list(projectId, policyId, { limit: 1000, offset: 0 })).items;
    },
    async close() {
      await bus.close();
      await test.drop();
    },
  };
}
