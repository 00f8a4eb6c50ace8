import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  readonly text: string;
  /** The body: parsed if it is JSON, or else the text; undefined where there is none. */
  readonly body: Body;
}

/** One kind of somebody who calls the API. */
export class Caller {
  constructor(
    private readonly app: NestFastifyApplication,
    private readonly credentials: { readonly username: string; readonly password: string } | null,
  ) {}

  get<Body = unknown>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.send('GET', path, undefined, headers);
  }

  post<Body = unknown>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.send('POST', path, body, headers);
  }

  put<Body = unknown>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.send('PUT', path, body, headers);
  }

  delete<Body = unknown>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.send('DELETE', path, undefined, headers);
  }

  /** @param path  with its leading slash; below `/api/v2.0` unless it starts with `/service`, `/api` or is `/`. */
  async send<Body>(
    method: Exclude<InjectOptions['method'], undefined>,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await this.app.inject({
      method,
      url: /^\/(?:$|service\/|api\/|devcenter|healthz)/.test(path) ? path : `/api/v2.0${path}`,
      headers: { ...this.authorization(), ...headers },
      ...(body === undefined ? {} : { payload: body as Record<string, unknown> }),
    });
    const isJson = response.payload !== '' && String(response.headers['content-type'] ?? '').includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      body: (isJson ? JSON.parse(response.payload) : response.payload || undefined) as Body,
    };
  }

  private authorization(): Record<string, string> {
    if (this.credentials === null) return {};
    const { username, password } = this.credentials;
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  }
}
