import type { PermissionName } from '@breakwater/rbac';

/** Who may call an operation. Every handler has exactly one, put there by a decorator; the app does not start without. */
export type AccessRule =
  /** Credentials are not even looked at: probes and documents. */
  | { readonly kind: 'open' }
  /** Anonymous callers too; the handler shows each what it may see. Wrong credentials are still a 401. */
  | {
      readonly kind: 'anyone';
      /** A scan's pull credential is for /v2: it opens this and nothing else of the API, as if it were wrong. */
      readonly admitsScans?: boolean;
    }
  | { readonly kind: 'signed-in' }
  | {
      readonly kind: 'permission';
      readonly permission: PermissionName;
      /** Path parameter with a user id: who names itself there needs no permission. */
      readonly orSelf?: string;
    };

/** Where the rule stands in the OpenAPI document, for people and for the tests that walk it. */
export const ACCESS_EXTENSION = 'x-access';

export const ACCESS_RULE = Symbol('access rule');

/** Path parameters that name the project an operation acts on. In the first all digits are an id. */
export const PROJECT_BY_NAME_OR_ID = 'project_name_or_id';
export const PROJECT_BY_NAME = 'project_name';
