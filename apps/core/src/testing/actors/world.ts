import { Role, type RoleId } from '@breakwater/rbac';
import { Pusher } from '../pusher.js';
import { startMetadataServer } from '../metadata-server.js';
import { createTestCore, type TestCore, type WayToDatabase } from '../test-core.js';
import type { Caller } from '../caller.js';
import { ACTOR_KINDS, ROLE_OF, type ActorKind } from './actor-kinds.js';

/** One of everybody, two projects in which they have their roles, and one in which they have none. */
export interface World {
  readonly core: TestCore;
  readonly projects: Readonly<Record<'private' | 'public' | 'elsewhere', TestProjectRow>>;
  caller(kind: ActorKind): Caller;
  /** 0 for nobody. */
  accountIdOf(kind: ActorKind): number;
  /** Somebody nobody knows, to be changed or deleted. */
  freshUser(): Promise<{ readonly id: number; readonly username: string }>;
  /** A project as the given one, for an operation that ends it. */
  freshProject(like: 'private' | 'public'): Promise<TestProjectRow>;
  freshMember(projectId: number): Promise<{ readonly id: number }>;
  /** An image with a tag, in a repository of its own. */
  freshImage(projectName: string): Promise<FreshImage>;
  /** A webhook policy with a delivery that was given up. */
  freshWebhook(projectId: number): Promise<FreshWebhook>;
  /** A scanner that is not the default; its adapter answers. */
  freshScanner(): Promise<FreshScanner>;
  /** Whatever has ever been told in this world. */
  countEvents(): Promise<number>;
  close(): Promise<void>;
}

interface TestProjectRow {
  readonly id: number;
  readonly name: string;
}

export interface FreshImage {
  /** Without the project. */
  readonly repository: string;
  readonly digest: string;
  readonly tag: string;
}

export interface FreshScanner {
  readonly uuid: string;
  readonly name: string;
  readonly url: string;
}

export interface FreshWebhook {
  readonly policyId: number;
  readonly deliveryId: number;
}

export async function createWorld(way?: WayToDatabase): Promise<World> {
  const core = await createTestCore({}, {}, way);
  const pusher = new Pusher(core.services);
  const ids = new Map<ActorKind, number>();
  for (const kind of ACTOR_KINDS) {
    if (kind === 'anonymous') continue;
    const isSystemAdmin = kind === 'systemAdmin' || kind === 'disabled';
    ids.set(kind, (await core.addUser(nameOf(kind), { isSystemAdmin })).id);
  }
  const members = Object.fromEntries(Object.entries(ROLE_OF).map(([kind, role]) => [nameOf(kind), role])) as Record<
    string,
    RoleId
  >;
  const projects = {
    private: await core.addProject('private-project', { members }),
    public: await core.addProject('public-project', { members, isPublic: true }),
    elsewhere: await core.addProject('elsewhere', {
      members: { [nameOf('memberElsewhere')]: Role.developer, [nameOf('adminElsewhere')]: Role.projectAdmin },
    }),
  };
  const { accounts, members: memberships } = core.services.accounts;
  await accounts.setDisabled(SETUP, ids.get('disabled') ?? 0, true);
  const adapter = await startMetadataServer();
  let fresh = 0;
  const freshUser = async (): Promise<{ id: number; username: string }> => core.addUser(`fresh${++fresh}`);
  return {
    core,
    projects,
    caller: (kind) => (kind === 'anonymous' ? core.anonymous : core.as(nameOf(kind))),
    accountIdOf: (kind) => ids.get(kind) ?? 0,
    freshUser,
    freshProject: (like) => core.addProject(`fresh-${++fresh}`, { members, isPublic: like === 'public' }),
    async freshMember(projectId) {
      const { username } = await freshUser();
      return { id: await memberships.add(SETUP, projectId, { username, roleId: Role.guest }) };
    },
    async freshImage(projectName) {
      const repository = `fresh${++fresh}`;
      const { digest } = await pusher.image(`${projectName}/${repository}`, { tags: ['v1'] });
      return { repository, digest, tag: 'v1' };
    },
    freshWebhook: (projectId) => makeWebhook(core, projectId, `fresh${++fresh}`),
    async freshScanner() {
      const [name, url] = [`fresh${++fresh}`, adapter.url()];
      return { uuid: await core.services.scanning.registrations.create(SETUP.name, { name, url }), name, url };
    },
    async countEvents() {
      const [row] = await core.services.database.rows<{ count: number }>('SELECT count(*)::integer FROM outbox_event');
      return row?.count ?? 0;
    },
    async close() {
      await core.close();
      await adapter.close();
    },
  };
}

async function makeWebhook(core: TestCore, projectId: number, name: string): Promise<FreshWebhook> {
  const target = { type: 'http', address: 'https://ci.example.com', isCertVerified: true };
  const policyId = await core.services.webhooks.policies.create('setup', projectId, {
    name,
    description: '',
    isEnabled: true,
    eventTypes: ['PUSH_ARTIFACT'],
    targets: [{ ...target, payloadFormat: '', authHeader: '', signingSecret: null }],
  });
  const [delivery] = await core.services.database.rows<{ id: number }>(
    `INSERT INTO webhook_delivery (uid, policy_id, target_id, event_key, event_id, event_type, operator, target_type,
                                   body, status, ended_at)
     SELECT gen_random_uuid(), policy_id, id, 'event', 'event', 'PUSH_ARTIFACT', 'setup', 'http', '{}', 'Error', now()
       FROM webhook_target WHERE policy_id = $1 RETURNING id::integer`,
    [policyId],
  );
  return { policyId, deliveryId: delivery?.id ?? 0 };
}

const SETUP = { kind: 'system', name: 'setup' } as const;

function nameOf(kind: string): string {
  return `the-${kind}`;
}
