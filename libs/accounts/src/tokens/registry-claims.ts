import { RepositoryName } from '@breakwater/oci';
import { REGISTRY_ACTIONS, type RegistryAction, type TokenAccess } from '@breakwater/rbac';
import type { JWTPayload } from 'jose';

/** `typ` of the header: no other kind of token that this key may ever sign passes for one of the registry. */
export const REGISTRY_TOKEN_TYPE = 'registry+jwt';

/**
 * What a registry token says beyond the registered claims (`iss`, `sub`, `aud`, `exp`, `nbf`, `iat`, `jti`).
 *
 * `access` is distribution's claim of that name. The others are ours: they tie the token to this very account or scan
 * and these very projects, so that it ends with them even when somebody takes over the name.
 */
export interface RegistryClaims {
  /** Null for a token of an anonymous caller or of a scan. */
  readonly account: { readonly id: number; readonly incarnation: string } | null;
  /** The pull credential of a scan, by which it is past the pull policies; null for everybody else. */
  readonly scan: string | null;
  readonly access: readonly TokenAccess[];
  /** Incarnation by project name, without a prototype: `constructor` is a good name for a project. */
  readonly projects: Readonly<Record<string, string>>;
}

/** Reads the claims of a token whose signature holds. Null when they are not of this shape. */
export function parseRegistryClaims(payload: JWTPayload): RegistryClaims | null {
  const account = payload.account === undefined ? null : parseAccount(payload.account);
  const access = Array.isArray(payload.access) ? payload.access.map(parseAccess) : [undefined];
  const projects = parseProjects(payload.projects);
  const scan = payload.scan === undefined ? null : parseScan(payload.scan, account);
  if (account === undefined || scan === undefined || projects === undefined || access.includes(undefined)) return null;
  return { account, scan, access: access as TokenAccess[], projects };
}

function parseAccount(value: unknown): { id: number; incarnation: string } | undefined {
  if (!isObject(value)) return undefined;
  const { id, incarnation } = value;
  return Number.isSafeInteger(id) && typeof incarnation === 'string' ? { id: id as number, incarnation } : undefined;
}

/** Nobody is both. */
function parseScan(value: unknown, account: RegistryClaims['account'] | undefined): string | undefined {
  return typeof value === 'string' && account === null ? value : undefined;
}

function parseAccess(value: unknown): TokenAccess | undefined {
  if (!isObject(value) || typeof value.name !== 'string' || !Array.isArray(value.actions)) return undefined;
  const { type, name, actions } = value;
  if (type === 'registry') return name === 'catalog' && actions.includes('*') ? CATALOG : undefined;
  if (type !== 'repository' || !RepositoryName.is(name)) return undefined;
  const known = REGISTRY_ACTIONS.filter((action: RegistryAction) => (actions as unknown[]).includes(action));
  return known.length === actions.length ? { type, name, actions: known } : undefined;
}

function parseProjects(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined;
  return withoutPrototype(entries);
}

export function withoutPrototype<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const record = Object.create(null) as Record<string, Value>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const CATALOG: TokenAccess = { type: 'registry', name: 'catalog', actions: ['*'] };
