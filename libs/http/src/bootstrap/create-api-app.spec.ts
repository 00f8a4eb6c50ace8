import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type AddressInfo } from 'node:net';
import { Body, Controller, Delete, Get, Head, HttpCode, Module, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppError } from '@breakwater/errors';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FailedRequest } from '../errors/error-responder.js';
import { setPageHeaders } from '../paging/page-headers.js';
import { ListQuery, pageOf } from '../paging/page-query.js';
import { parseQuery } from '../query/query-terms.js';
import { ProjectParam, ReferenceParam, RepositoryParam, type ProjectKey } from '../request/parameters.js';
import { createApiApp } from './create-api-app.js';
import { CreatedAt } from './created-at.js';

class TeapotError extends AppError {
  readonly code = 'TEAPOT';
  readonly kind = 'precondition';
}
class DatabaseDownError extends AppError {
  readonly code = 'DATABASE_DOWN';
  readonly kind = 'unavailable';
}

class LabelQuery extends ListQuery {
  @IsIn(['g', 'p'])
  scope!: 'g' | 'p';

  @IsOptional()
  @IsBoolean()
  with_detail: boolean = true;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  status?: string[];
}

class Metadata {
  @IsOptional()
  @IsString()
  public?: string;
}

class ProjectBody {
  @IsString()
  @Length(1, 255)
  project_name!: string;

  @IsOptional()
  @IsInt()
  storage_limit?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => Metadata)
  metadata?: Metadata;

  @IsOptional()
  @IsObject()
  labels?: Record<string, string>;
}

@Controller('api/v2.0')
class ApiController {
  @Get('labels')
  labels(@Query() query: LabelQuery, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const terms = parseQuery(query.q);
    setPageHeaders(reply, request, pageOf(query), 35);
    return { query, terms: [...terms.keys()] };
  }

  @Post('projects')
  @CreatedAt((project: { id: number }, path) => `${path}/${project.id}`)
  create(@Body() body: ProjectBody) {
    return { id: 7, body };
  }

  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: ProjectBody) {
    return body;
  }

  @Delete('projects/:project_name_or_id')
  remove(@ProjectParam() project: ProjectKey) {
    return project;
  }

  @Head('projects')
  head() {}

  @Get('users/:user_id')
  user(@Param('user_id') id: number) {
    return { id };
  }

  @Get('projects/:project_name/repositories/:repository_name/artifacts/:reference')
  artifact(@RepositoryParam() repository: string, @ReferenceParam() reference: object | null) {
    return { repository, reference };
  }

  @Get('fail/:how')
  fail(@Param('how') how: string) {
    if (how === 'app') throw new TeapotError('short and stout', {}, { cause: new Error('a secret cause') });
    if (how === 'database') throw new DatabaseDownError('connection to 10.0.0.1 refused');
    if (how === 'foreign') throw Object.assign(new Error('upstream said no'), { statusCode: 404 });
    throw new Error('a secret: hunter2');
  }
}

@Controller()
class FormController {
  @Post('c/login')
  @HttpCode(200)
  login(@Body() body: unknown) {
    return body;
  }
}

@Module({ controllers: [ApiController, FormController] })
class TestModule {}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('an app of the REST API', () => {
  let app: NestFastifyApplication;
  const logged: [unknown, FailedRequest][] = [];

  beforeAll(async () => {
    app = await createApiApp(TestModule, {
      logger: false,
      codes: { TEAPOT: 'PROJECTPOLICYVIOLATION' },
      formPaths: ['/c/'],
      bodyLimitBytes: 1000,
      onOurError: (error, request) => logged.push([error, request]),
    });
    await app.listen(0, '127.0.0.1');
  });

  afterAll(() => app.close());

  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD',
    url: string,
    body?: string,
    type = 'application/json',
  ) => app.inject({ method, url, ...(body === undefined ? {} : { payload: body, headers: { 'content-type': type } }) });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });
  const errorOf = (answer: { body: string }) =>
    (JSON.parse(answer.body) as { errors: [{ code: string; message: string }] }).errors[0];

  describe('errors', () => {
    it('have the body of Harbor, byte for byte', async () => {
      const answer = await get('/api/v2.0/fail/app');
      expect(answer.statusCode).toBe(412);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.body).toBe('{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"short and stout"}]}\n');
    });

    it('that are ours say nothing and are logged with the id of the request', async () => {
      const answer = await get('/api/v2.0/fail/other?token=hunter3', { 'X-Request-Id': 'abc' });
      expect(answer.statusCode).toBe(500);
      expect(errorOf(answer)).toEqual({ code: 'UNKNOWN', message: 'internal server error' });
      const [error, request] = logged.at(-1) ?? [];
      expect(error).toMatchObject({ message: 'a secret: hunter2' });
      expect(request).toEqual({ requestId: 'abc', method: 'GET', path: '/api/v2.0/fail/other', status: 500 });
    });

    it('do not take the status of an error that is not of the framework', async () => {
      expect((await get('/api/v2.0/fail/foreign')).statusCode).toBe(500);
    });

    it('of a dependency ask to come back', async () => {
      const answer = await get('/api/v2.0/fail/database');
      expect([answer.statusCode, answer.headers['retry-after'], errorOf(answer).code]).toEqual([
        503,
        '5',
        'SERVICE_UNAVAILABLE',
      ]);
      expect(answer.body).not.toContain('10.0.0.1');
    });

    it('tell an unknown path from a wrong verb', async () => {
      const unknown = await get('/api/v2.0/nothing/here');
      expect([unknown.statusCode, errorOf(unknown).code]).toEqual([404, 'NOT_FOUND']);
      const wrong = await send('PUT', '/api/v2.0/projects/7');
      expect([wrong.statusCode, errorOf(wrong).code, wrong.headers.allow]).toEqual([
        405,
        'METHOD_NOT_ALLOWED',
        'DELETE',
      ]);
      expect((await send('HEAD', '/api/v2.0/labels?scope=g')).statusCode).toBe(405);
      expect((await send('HEAD', '/api/v2.0/projects')).statusCode).toBe(200);
    });
  });

  describe('request ids', () => {
    it('are echoed, or made, on every answer', async () => {
      expect((await get('/api/v2.0/users/1', { 'X-Request-Id': 'given-1' })).headers['x-request-id']).toBe('given-1');
      for (const url of ['/api/v2.0/users/1', '/nowhere', '/api/v2.0/fail/x', '/api/v2.0/labels?a;b', '/%zz', '/%ff']) {
        expect([url, (await get(url)).headers['x-request-id']]).toEqual([url, expect.stringMatching(UUID)]);
      }
    });

    it.each(['', 'a b', 'x'.repeat(129), 'ä'])('are not taken from %p', async (id) => {
      expect((await get('/api/v2.0/users/1', { 'X-Request-Id': id })).headers['x-request-id']).toMatch(UUID);
    });
  });

  describe('paths and queries', () => {
    it('lose repeated slashes before routing, and a slash at the end', async () => {
      expect((await get('//api///v2.0/users//12')).json()).toEqual({ id: 12 });
      expect((await get('/api/v2.0/users/12/')).json()).toEqual({ id: 12 });
    });

    it.each([
      '/api/v2.0/labels?scope=g;page=1',
      '/api/v2.0/labels?q=%zz',
      '/api/v2.0/labels?q=%ff',
      '/api/v2.0/labels?q=%00',
      '/api/v2.0/users/%00',
      '/api/v2.0/users/%ff',
      '/api/v2.0/labels?scope=g&q=name',
    ])('are refused with 400 when they cannot be read: %s', async (url) => {
      const answer = await get(url);
      expect([answer.statusCode, errorOf(answer).code]).toEqual([400, 'BAD_REQUEST']);
    });

    it('undo the second encoding of a repository name, and take a single one', async () => {
      const digest = `sha256:${'ab'.repeat(32)}`;
      const base = '/api/v2.0/projects/team/repositories';
      const twice = await get(`${base}/tools%252Fcache/artifacts/${digest}`);
      expect(twice.json()).toEqual({ repository: 'tools/cache', reference: { kind: 'digest', digest } });
      const once = await get(`${base}/tools%2Fcache/artifacts/latest`);
      expect(once.json()).toEqual({ repository: 'tools/cache', reference: { kind: 'tag', tag: 'latest' } });
      const long = Array.from({ length: 85 }, () => 'aa').join('%252F');
      expect((await get(`${base}/${long}/artifacts/latest`)).statusCode).toBe(200);
      expect((await get(`${base}/app/artifacts/-x`)).json()).toEqual({ repository: 'app', reference: null });
      expect((await get(`${base}/..%252Fother%252Fapp/artifacts/latest`)).statusCode).toBe(400);
      expect((await get(`${base}/%25zz/artifacts/latest`)).statusCode).toBe(400);
    });

    it('name a project by id or by name', async () => {
      const remove = (text: string, headers = {}) =>
        app
          .inject({ method: 'DELETE', url: `/api/v2.0/projects/${text}`, headers })
          .then((answer) => answer.json<ProjectKey>());
      expect(await remove('12')).toEqual({ by: 'id', id: 12 });
      expect(await remove('team')).toEqual({ by: 'name', name: 'team' });
      expect(await remove('12', { 'X-Is-Resource-Name': 'true' })).toEqual({ by: 'name', name: '12' });
      expect(await remove('12', { 'X-Is-Resource-Name': 'false' })).toEqual({ by: 'id', id: 12 });
      expect(await remove('99999999999')).toEqual({ by: 'name', name: '99999999999' });
    });
  });

  describe('parameters', () => {
    it('are converted to their types, with defaults for what is absent or empty', async () => {
      const answer = await get('/api/v2.0/labels?scope=g&page=&with_detail=0&status=a,b&evil=1');
      expect(answer.json()).toEqual({
        query: { page: 1, page_size: 10, scope: 'g', with_detail: false, status: ['a', 'b'] },
        terms: [],
      });
    });

    it('count once: the last one', async () => {
      const answer = await get('/api/v2.0/labels?scope=p&scope=g&page=2&page=3');
      expect(answer.json()).toMatchObject({ query: { scope: 'g', page: 3 } });
    });

    it.each([
      ['/api/v2.0/labels?scope=g&page_size=101', 'page_size in query must not be greater than 100'],
      ['/api/v2.0/labels?scope=g&page=one', 'page in query must be an integer number'],
      ['/api/v2.0/labels?scope=g&page=1.5', 'page in query must be an integer number'],
      ['/api/v2.0/labels?scope=g&with_detail=maybe', 'with_detail in query must be a boolean value'],
      ['/api/v2.0/labels?scope=x', 'scope in query must be one of the following values: g, p'],
      ['/api/v2.0/users/bob', 'user_id in path must be an integer number'],
    ])('that do not fit are 422: %s', async (url, fault) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(422);
      expect(errorOf(answer)).toEqual({ code: 'UNPROCESSABLE_ENTITY', message: `validation failure list:\n${fault}` });
    });

    it('report all their faults together', async () => {
      const lines = errorOf(await get('/api/v2.0/labels?page=x&page_size=200')).message.split('\n');
      expect(
        lines
          .slice(1)
          .map((line) => line.split(' ')[0])
          .sort(),
      ).toEqual(['page', 'page_size', 'scope']);
    });
  });

  describe('bodies', () => {
    const post = (body: string, type?: string) => send('POST', '/api/v2.0/echo', body, type);

    it('lose what the operation does not know', async () => {
      const body = { project_name: 'p', admin: true, metadata: { public: 'true', x: 1 }, labels: { any: 'thing' } };
      expect((await post(JSON.stringify(body))).json()).toEqual({
        project_name: 'p',
        metadata: { public: 'true' },
        labels: { any: 'thing' },
      });
    });

    it.each([
      ['{"project_name":7}', 'project_name in body must be a string'],
      ['{"project_name":"p","storage_limit":"7"}', 'storage_limit in body must be an integer number'],
      ['{"project_name":"p","metadata":{"public":true}}', 'metadata.public in body must be a string'],
      ['{"project_name":', 'body in body is not JSON'],
      ['[]', 'body in body must be of type object'],
      ['"x"', 'body in body must be of type object'],
      [`{"project_name":"p","labels":${'['.repeat(100)}${']'.repeat(100)}}`, 'body in body is nested too deeply'],
    ])('that do not fit are 422: %s', async (body, fault) => {
      const answer = await post(body);
      expect([answer.statusCode, errorOf(answer).message]).toEqual([422, expect.stringContaining(fault)]);
    });

    it.each(['', 'null', '{}'])('that are missing something say what: %p', async (body) => {
      const answer = await post(body);
      expect([answer.statusCode, errorOf(answer).message]).toEqual([
        422,
        expect.stringContaining('project_name in body'),
      ]);
    });

    it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
      'of type %s are 422',
      async (type) => {
        const answer = await post('{"project_name":"p"}', type);
        expect([answer.statusCode, errorOf(answer).code]).toEqual([422, 'UNPROCESSABLE_ENTITY']);
      },
    );

    it('may be forms only where forms are read', async () => {
      const answer = await send('POST', '/c/login', 'principal=a&password=b%20c', 'application/x-www-form-urlencoded');
      expect(answer.json()).toEqual({ principal: 'a', password: 'b c' });
    });

    it('that are too large are 413', async () => {
      const answer = await post(JSON.stringify({ project_name: 'x'.repeat(1000) }));
      expect([answer.statusCode, errorOf(answer).code]).toEqual([413, 'REQUEST_ENTITY_TOO_LARGE']);
    });

    it('cannot reach a prototype', async () => {
      const answer = await post('{"project_name":"p","__proto__":{"x":1},"labels":{"__proto__":{"polluted":"yes"}}}');
      expect(answer.statusCode).toBe(200);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('may be announced and empty, as with a DELETE of many clients', async () => {
      const answer = await send('DELETE', '/api/v2.0/projects/7', '');
      expect([answer.statusCode, answer.json()]).toEqual([200, { by: 'id', id: 7 }]);
    });
  });

  it('answers a creation with the place of what was made and nothing else', async () => {
    const answer = await send('POST', '/api/v2.0/projects/?x=1', '{"project_name":"p"}');
    expect([answer.statusCode, answer.headers.location, answer.body]).toEqual([201, '/api/v2.0/projects/7', '']);
  });

  it('pages', async () => {
    const answer = await get('/api/v2.0/labels?scope=g&page=2&q=name%3D~a%20b');
    expect(answer.headers['x-total-count']).toBe('35');
    expect(answer.headers.link).toBe(
      '</api/v2.0/labels?page=1&page_size=10&q=name=~a b&scope=g>; rel="prev" , ' +
        '</api/v2.0/labels?page=3&page_size=10&q=name=~a b&scope=g>; rel="next"',
    );
  });

  it('answers what is no HTTP with an error that it can be read', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answerTo = (request: string) =>
      new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(request));
        socket
          .on('data', (bytes) => (text += String(bytes)))
          .on('close', () => resolve(text))
          .on('error', reject);
      });
    expect(await answerTo('NOT HTTP AT ALL\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"BAD_REQUEST"/,
    );
    const headers = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`;
    expect(await answerTo(headers)).toMatch(/^HTTP\/1\.1 431 /);
  });
});
