import type { RoleId } from './role.js';

/** One row of the table: who may do `action` on `resource` inside one project. */
interface ProjectPermissionRow {
  readonly resource: string;
  readonly action: string;
  readonly roles: readonly RoleId[];
  /** On a public project everybody has it: anonymous callers and robots too. */
  readonly isPublic: boolean;
}

// Every row grants to a prefix of the power order admin > maintainer > developer > guest > limited guest.
const ADMIN = [1] as const;
const MAINTAINERS = [1, 4] as const;
const DEVELOPERS = [1, 4, 2] as const;
const GUESTS = [1, 4, 2, 3] as const;
const EVERY_ROLE = [1, 4, 2, 3, 5] as const;

/**
 * Project roles × permissions, exactly Harbor's 75 rows. `project` is the project itself.
 *
 * What is absent is meant: no role lists metadata, reads one immutability rule or operates a label;
 * the public never reads a single repository, a quota, a member, a log or a configuration.
 */
export const projectPermissions = [
  { resource: 'project', action: 'read', roles: EVERY_ROLE, isPublic: true },
  { resource: 'project', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'project', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'accessory', action: 'list', roles: EVERY_ROLE, isPublic: true },
  { resource: 'artifact', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'artifact', action: 'read', roles: EVERY_ROLE, isPublic: true },
  { resource: 'artifact', action: 'delete', roles: MAINTAINERS, isPublic: false },
  { resource: 'artifact', action: 'list', roles: EVERY_ROLE, isPublic: true },
  { resource: 'artifact-addition', action: 'read', roles: EVERY_ROLE, isPublic: true },
  { resource: 'artifact-label', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'artifact-label', action: 'delete', roles: DEVELOPERS, isPublic: false },
  { resource: 'configuration', action: 'read', roles: EVERY_ROLE, isPublic: false },
  { resource: 'configuration', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'export-cve', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'export-cve', action: 'read', roles: DEVELOPERS, isPublic: false },
  { resource: 'export-cve', action: 'list', roles: DEVELOPERS, isPublic: false },
  { resource: 'immutable-tag', action: 'create', roles: MAINTAINERS, isPublic: false },
  { resource: 'immutable-tag', action: 'update', roles: MAINTAINERS, isPublic: false },
  { resource: 'immutable-tag', action: 'delete', roles: MAINTAINERS, isPublic: false },
  { resource: 'immutable-tag', action: 'list', roles: MAINTAINERS, isPublic: false },
  { resource: 'label', action: 'create', roles: MAINTAINERS, isPublic: false },
  { resource: 'label', action: 'read', roles: GUESTS, isPublic: true },
  { resource: 'label', action: 'update', roles: MAINTAINERS, isPublic: false },
  { resource: 'label', action: 'delete', roles: MAINTAINERS, isPublic: false },
  { resource: 'label', action: 'list', roles: GUESTS, isPublic: true },
  { resource: 'log', action: 'list', roles: ADMIN, isPublic: false },
  { resource: 'member', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'member', action: 'read', roles: GUESTS, isPublic: false },
  { resource: 'member', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'member', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'member', action: 'list', roles: GUESTS, isPublic: false },
  { resource: 'metadata', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'metadata', action: 'read', roles: MAINTAINERS, isPublic: false },
  { resource: 'metadata', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'metadata', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'notification-policy', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'notification-policy', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'notification-policy', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'notification-policy', action: 'list', roles: MAINTAINERS, isPublic: false },
  { resource: 'notification-policy', action: 'read', roles: MAINTAINERS, isPublic: false },
  { resource: 'preheat-policy', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'preheat-policy', action: 'read', roles: ADMIN, isPublic: false },
  { resource: 'preheat-policy', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'preheat-policy', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'preheat-policy', action: 'list', roles: ADMIN, isPublic: false },
  { resource: 'quota', action: 'read', roles: EVERY_ROLE, isPublic: false },
  { resource: 'repository', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'repository', action: 'read', roles: EVERY_ROLE, isPublic: false },
  { resource: 'repository', action: 'update', roles: DEVELOPERS, isPublic: false },
  { resource: 'repository', action: 'delete', roles: MAINTAINERS, isPublic: false },
  { resource: 'repository', action: 'list', roles: EVERY_ROLE, isPublic: true },
  { resource: 'repository', action: 'pull', roles: EVERY_ROLE, isPublic: true },
  { resource: 'repository', action: 'push', roles: DEVELOPERS, isPublic: false },
  { resource: 'robot', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'robot', action: 'read', roles: GUESTS, isPublic: false },
  { resource: 'robot', action: 'update', roles: ADMIN, isPublic: false },
  { resource: 'robot', action: 'delete', roles: ADMIN, isPublic: false },
  { resource: 'robot', action: 'list', roles: GUESTS, isPublic: false },
  { resource: 'sbom', action: 'create', roles: MAINTAINERS, isPublic: false },
  { resource: 'sbom', action: 'stop', roles: MAINTAINERS, isPublic: false },
  { resource: 'sbom', action: 'read', roles: EVERY_ROLE, isPublic: false },
  { resource: 'scan', action: 'create', roles: MAINTAINERS, isPublic: false },
  { resource: 'scan', action: 'read', roles: EVERY_ROLE, isPublic: true },
  { resource: 'scan', action: 'stop', roles: MAINTAINERS, isPublic: false },
  { resource: 'scanner', action: 'read', roles: EVERY_ROLE, isPublic: true },
  { resource: 'scanner', action: 'create', roles: ADMIN, isPublic: false },
  { resource: 'tag', action: 'list', roles: EVERY_ROLE, isPublic: true },
  { resource: 'tag', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag', action: 'delete', roles: MAINTAINERS, isPublic: false },
  { resource: 'tag-retention', action: 'create', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag-retention', action: 'read', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag-retention', action: 'update', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag-retention', action: 'delete', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag-retention', action: 'list', roles: DEVELOPERS, isPublic: false },
  { resource: 'tag-retention', action: 'operate', roles: DEVELOPERS, isPublic: false },
] as const satisfies readonly ProjectPermissionRow[];
