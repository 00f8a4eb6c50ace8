import { randomBytes } from 'node:crypto';
import { installation } from './installation.js';

/** Name and password of somebody who calls the API. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export const admin = (): Credentials => ({ username: 'admin', password: installation().adminPassword });

/** Calls the REST API. Never throws for a status: the test says what it expects. */
export async function api(
  method: string,
  path: string,
  options: { readonly as?: Credentials | null; readonly body?: unknown } = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly json: unknown }> {
  const as = options.as === undefined ? admin() : options.as;
  const headers: Record<string, string> = {};
  if (as !== null)
    headers['authorization'] = `Basic ${Buffer.from(`${as.username}:${as.password}`).toString('base64')}`;
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(`${installation().url}/api/v2.0${path}`, {
    method,
    headers,
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
}

/** A new project with a name of its own. */
export async function aProject(metadata: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = `e2e-${randomBytes(5).toString('hex')}`;
  expectStatus(await api('POST', '/projects', { body: { project_name: name, metadata } }), 201);
  return name;
}

/** A new user, who is nobody's member yet. */
export async function aUser(): Promise<Credentials> {
  const username = `user-${randomBytes(5).toString('hex')}`;
  const password = `Pw1${randomBytes(8).toString('hex')}`;
  const body = { username, password, email: `${username}@example.com`, realname: username };
  expectStatus(await api('POST', '/users', { body }), 201);
  return { username, password };
}

export const ROLE = { projectAdmin: 1, developer: 2, guest: 3, maintainer: 4, limitedGuest: 5 } as const;

/** A new user with a role in the project. */
export async function aMember(project: string, role: keyof typeof ROLE): Promise<Credentials> {
  const user = await aUser();
  const body = { role_id: ROLE[role], member_user: { username: user.username } };
  expectStatus(await api('POST', `/projects/${project}/members`, { body }), 201);
  return user;
}

function expectStatus(answer: { readonly status: number; readonly json: unknown }, status: number): void {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.json)}`);
}
