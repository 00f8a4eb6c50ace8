import { CreatedAt } from '@breakwater/http';
import { applyDecorators, Controller, UseInterceptors, type Type } from '@nestjs/common';
import {
  ApiExtension,
  ApiHeader,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
  type ApiQueryOptions,
} from '@nestjs/swagger';
import { ADDITION_EXTENSION } from './extensions.js';
import { ErrorsBody } from './errors.dto.js';
import { ListedInterceptor } from './listed.js';

/** Harbor's base path: every operation of its API lies below. */
export const API_PATH = 'api/v2.0';

/** A controller of the REST API, e.g. `@ApiController('users', 'user')`: its path below the base, Harbor's tag. */
export function ApiController(path: string, tag: string): ClassDecorator {
  return applyDecorators(Controller(`${API_PATH}/${path}`), ApiTags(tag));
}

/**
 * An operation in the OpenAPI document. What every operation has (401, 403, 422, 500, the request id) is added by
 * `buildDocument` from its access rule and its parameters.
 *
 * @param id  Harbor's operationId.
 */
export function Operation(id: string, summary: string): MethodDecorator {
  return ApiOperation({ operationId: id, summary });
}

/** Of a handler; empty where it is no operation. */
export function operationIdOf(handler: object): string {
  const documented = Reflect.getMetadata('swagger/apiOperation', handler) as { operationId?: string } | undefined;
  return documented?.operationId ?? '';
}

/** An operation that Harbor does not have. */
export function AddedOperation(id: string, summary: string): MethodDecorator {
  return applyDecorators(ApiOperation({ operationId: id, summary }), ApiExtension(ADDITION_EXTENSION, true));
}

/** 200 with this body. */
export function Returns(type: Type<unknown>, description = 'Success.'): MethodDecorator {
  return ApiResponse({ status: 200, description, type });
}

/** 200 with a list. */
export function ReturnsList(type: Type<unknown>, description = 'Success.'): MethodDecorator {
  return ApiResponse({ status: 200, description, type, isArray: true });
}

/**
 * 200 with one page of a list: the handler takes a `PageQuery` or `ListQuery` and returns a `Listed`.
 *
 * @param options.isFilterable  takes `q` and `sort` as well.
 */
export function ReturnsPage(type: Type<unknown>, options: { readonly isFilterable?: boolean } = {}): MethodDecorator {
  return applyDecorators(
    UseInterceptors(ListedInterceptor),
    ApiResponse({ status: 200, description: 'One page.', type, isArray: true, headers: PAGE_HEADERS }),
    ...(options.isFilterable ? [ApiQuery(Q), ApiQuery(SORT)] : []),
    ApiQuery(PAGE),
    ApiQuery(PAGE_SIZE),
  );
}

const PAGE_HEADERS = {
  'X-Total-Count': { description: 'Items of all pages.', schema: { type: 'integer' } },
  Link: { description: 'Previous and next page.', schema: { type: 'string' } },
} as const;

const Q: ApiQueryOptions = {
  name: 'q',
  required: false,
  description: 'Terms joined by commas: `k=v`, `k=~part`, `k=[min~max]`, `k={a b}`, `k=(a b)`.',
  schema: { type: 'string' },
};
const SORT: ApiQueryOptions = {
  name: 'sort',
  required: false,
  description: 'Keys joined by commas, `-` before one for descending.',
  schema: { type: 'string' },
};
const PAGE: ApiQueryOptions = { name: 'page', required: false, schema: { type: 'integer', default: 1 } };
const PAGE_SIZE: ApiQueryOptions = {
  name: 'page_size',
  required: false,
  description: '0 or less: everything in one answer.',
  schema: { type: 'integer', default: 10, maximum: 100 },
};

/** Pages where they mean nothing, because Harbor's document has them. */
export function TakesPage(): MethodDecorator {
  return applyDecorators(ApiQuery(PAGE), ApiQuery(PAGE_SIZE));
}

/** 200 with a text of a content type of its own. */
export function ReturnsText(): MethodDecorator {
  const headers = { 'Content-Type': { description: 'What the text is.', schema: { type: 'string' } } } as const;
  return ApiResponse({ status: 200, description: 'Success.', headers, schema: { type: 'string' } });
}

/** 200 without a body. */
export function ReturnsNothing(description = 'Done.'): MethodDecorator {
  return ApiResponse({ status: 200, description });
}

/** 202 without a body: it is done later. The handler says `@HttpCode(202)` as well. */
export function ReturnsAccepted(description = 'Asked for.'): MethodDecorator {
  return ApiResponse({ status: 202, description });
}

/**
 * 201 with the path of what was made, and no body.
 *
 * @param locate  what comes after the request's own path, of what the handler returned; `/<id>` for an id.
 */
export function ReturnsCreated<T>(
  locate: (created: T) => string = (created) => `/${String(created)}`,
): MethodDecorator {
  return ReturnsCreatedAt((created: T, path) => `${path}${locate(created)}`);
}

/**
 * 201 with the path of what was made, where that does not lie below the request's own.
 *
 * @param locate  makes it of what the handler returned and the request's path.
 */
export function ReturnsCreatedAt<T>(locate: (created: T, path: string) => string): MethodDecorator {
  const headers = { Location: { description: 'Path of what was made.', schema: { type: 'string' } } } as const;
  return applyDecorators(CreatedAt(locate), ApiResponse({ status: 201, description: 'Made.', headers }));
}

/** A header that the operation reads. */
export function TakesHeader(name: string, type: 'string' | 'boolean', description: string): MethodDecorator {
  return ApiHeader({ name, required: false, description, schema: { type } });
}

/** Failures of this operation beyond those that every one has. */
export function Fails(...statuses: readonly (keyof typeof FAILURE)[]): MethodDecorator {
  return applyDecorators(...statuses.map((status) => failure(status)));
}

/** As `Fails`, where Harbor's document gives the failure no body. */
export function FailsWithoutBody(...statuses: readonly (keyof typeof FAILURE)[]): MethodDecorator {
  return applyDecorators(...statuses.map((status) => ApiResponse({ status, description: FAILURE[status] })));
}

function failure(status: keyof typeof FAILURE): MethodDecorator {
  return ApiResponse({ status, description: FAILURE[status], type: ErrorsBody });
}

export const FAILURE = {
  400: 'The request is wrong.',
  401: 'Nobody is signed in, or the credentials are wrong.',
  403: 'The caller may not.',
  404: 'There is no such thing.',
  405: 'Nothing of this kind takes that.',
  409: 'It collides with something that exists.',
  412: 'A rule or the present state forbids it.',
  422: 'A parameter or the body is not of its form.',
  429: 'Too many attempts.',
  500: 'Our mistake.',
  503: 'Something that is needed does not answer now.',
} as const;
