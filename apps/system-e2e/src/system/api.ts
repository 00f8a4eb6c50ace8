import { randomBytes } from 'node:crypto';
import { installation } from './installation.js';

/** Name and password of somebody who calls the API. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The text itself when it is no JSON. */
  readonly json: unknown;
}

export const ROLE = { projectAdmin: 1, developer: 2, guest: 3, maintainer: 4, limitedGuest: 5 } as const;

/** The REST API of one installation, and what tests need to have made by it. */
export class Api {
  constructor(
    readonly url: string,
    readonly admin: Credentials,
  ) {}

  /** Never throws for a status: the test says what it expects. */
  async call(
    method: string,
    path: string,
    options: { readonly as?: Credentials | null; readonly body?: unknown } = {},
  ): Promise<ApiAnswer> {
    const as = options.as === undefined ? this.admin : options.as;
    const headers: Record<string, string> = {};
    if (as !== null) headers['authorization'] = basic(as);
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.url}/api/v2.0${path}`, {
      method,
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
  }

  /** A new project with a name of its own. */
  async project(metadata: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `e2e-${randomBytes(5).toString('hex')}`;
    expectStatus(await this.call('POST', '/projects', { body: { project_name: name, metadata } }), 201);
    return name;
  }

  /** A new user, who is nobody's member yet. */
  async user(): Promise<Credentials> {
    const username = `user-${randomBytes(5).toString('hex')}`;
    const password = `Pw1${randomBytes(8).toString('hex')}`;
    const body = { username, password, email: `${username}@example.com`, realname: username };
    expectStatus(await this.call('POST', '/users', { body }), 201);
    return { username, password };
  }

  /** A new user with a role in the project. */
  async member(project: string, role: keyof typeof ROLE): Promise<Credentials> {
    const user = await this.user();
    const body = { role_id: ROLE[role], member_user: { username: user.username } };
    expectStatus(await this.call('POST', `/projects/${project}/members`, { body }), 201);
    return user;
  }
}

export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

// — the same of the installation that all suites share —

export const sharedApi = (): Api => new Api(installation().url, admin());

export const admin = (): Credentials => ({ username: 'admin', password: installation().adminPassword });

export const api = (...call: Parameters<Api['call']>): Promise<ApiAnswer> => sharedApi().call(...call);

export const aProject = (metadata: Readonly<Record<string, string>> = {}): Promise<string> =>
  sharedApi().project(metadata);

export const aUser = (): Promise<Credentials> => sharedApi().user();

export const aMember = (project: string, role: keyof typeof ROLE): Promise<Credentials> =>
  sharedApi().member(project, role);

export function expectStatus(answer: ApiAnswer, status: number): void {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.json)}`);
}
