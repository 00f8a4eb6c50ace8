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
import type { FastifyReply, FastifyRequest, LightMyRequestResponse } from 'fastify';
import { createApiApp } from '../bootstrap/create-api-app.js';
import { CreatedAt } from '../bootstrap/created-at.js';
import type { FailedRequest } from '../errors/error-responder.js';
import { setPageHeaders } from '../paging/page-headers.js';
import { ListQuery, pageOf } from '../paging/page-query.js';
import { parseQuery } from '../query/query-terms.js';
import { ProjectParam, ReferenceParam, RepositoryParam, type ProjectKey } from '../request/parameters.js';

/** An app of the REST API with an operation of each kind, asked without a socket. */
export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    /** Errors of ours, with what is told of their requests. */
    readonly logged: readonly [unknown, FailedRequest][],
  ) {}

  static async start(): Promise<TestApi> {
    const logged: [unknown, FailedRequest][] = [];
    const app = await createApiApp(TestModule, {
      logger: false,
      codes: { TEAPOT: 'PROJECTPOLICYVIOLATION' },
      formPaths: ['/c/'],
      bodyLimitBytes: 1000,
      onOurError: (error, request) => logged.push([error, request]),
    });
    await app.listen(0, '127.0.0.1');
    return new TestApi(app, logged);
  }

  send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD',
    url: string,
    body?: string,
    type = 'application/json',
  ): Promise<LightMyRequestResponse> {
    const payload = body === undefined ? {} : { payload: body, headers: { 'content-type': type } };
    return this.app.inject({ method, url, ...payload });
  }

  get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.app.inject({ method: 'GET', url, headers });
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

export function errorOf(answer: { readonly body: string }): { code: string; message: string } {
  return (JSON.parse(answer.body) as { errors: [{ code: string; message: string }] }).errors[0];
}

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
