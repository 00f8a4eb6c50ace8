export { createApiApp, type ApiAppOptions } from './bootstrap/create-api-app.js';
export { CreatedAt } from './bootstrap/created-at.js';
export { ApiExceptionFilter } from './errors/api-exception.filter.js';
export { answerTo, ERROR_CONTENT_TYPE, errorBody, type ErrorAnswer } from './errors/error-body.js';
export { ErrorResponder, type ErrorLog, type FailedRequest } from './errors/error-responder.js';
export { HARBOR_ERROR, harborCodeOf, type HarborCodes, type HarborErrorCode } from './errors/harbor-error.js';
export {
  InvalidQueryError,
  MethodNotAllowedError,
  UnknownPathError,
  UnreadableTargetError,
  ValidationFailedError,
} from './errors/http.errors.js';
export { harborTime, omitEmpty, ZERO_TIME } from './json/harbor-json.js';
export { pageLinks, setPageHeaders } from './paging/page-headers.js';
export { ListQuery, MAX_PAGE_SIZE, MAX_UNPAGED_ROWS, pageOf, PageQuery, type Page } from './paging/page-query.js';
export { buildFilter, type SqlFilter } from './query/build-filter.js';
export {
  type Bind,
  type ColumnField,
  type CustomField,
  type FieldMap,
  type FieldType,
  type SqlParameter,
} from './query/field-map.js';
export { parseQuery, type QueryTerm, type QueryTerms } from './query/query-terms.js';
export { buildOrder, parseSort, type SortKey } from './query/sort-order.js';
export { parseBasic, parseBearer, type BasicCredentials } from './request/authorization.js';
export { canonicalUrl } from './request/canonical-url.js';
export {
  parseProjectKey,
  parseRepositoryParameter,
  ProjectParam,
  ReferenceParam,
  RepositoryParam,
  type ProjectKey,
} from './request/parameters.js';
export { REQUEST_ID_HEADER, requestIdOf } from './request/request-id.js';
export { ApiValidationPipe } from './validation/api-validation.pipe.js';
