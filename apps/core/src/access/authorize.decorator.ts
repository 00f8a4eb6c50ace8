import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { findPermission, type PermissionName } from '@breakwater/rbac';
import { ACCESS_EXTENSION, ACCESS_RULE, type AccessRule } from './access-rule.js';

/**
 * The caller needs `permission`: in the project that the path names (`:project_name_or_id`, `:project_name`), or on
 * the system where it names none. A handler of a project's operation takes `@ProjectScope()`.
 *
 * @param options.orSelf  path parameter with a user id; the user of that id passes without the permission.
 */
export function Authorize(permission: PermissionName, options: { readonly orSelf?: string } = {}): MethodDecorator {
  if (findPermission(permission) === null) throw new Error(`no table of permissions has ${permission}`);
  return rule({ kind: 'permission', permission, ...options });
}

/** The caller must be somebody. */
export const SignedIn = (): MethodDecorator => rule({ kind: 'signed-in' });

/**
 * Everybody may call, and sees what it may see: the handler asks `ReadableProjects`, or shows the same to all.
 *
 * @param options.admitsScans  with a scan's pull credential too, which is wrong everywhere else.
 */
export const AllowAnyone = (options: { readonly admitsScans?: boolean } = {}): MethodDecorator =>
  rule({ kind: 'anyone', ...options });

/** Everybody may call and credentials are ignored, right or wrong. For what must answer when the database does not. */
export const Open = (): MethodDecorator => rule({ kind: 'open' });

function rule(value: AccessRule): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS_RULE, value), ApiExtension(ACCESS_EXTENSION, value));
}
