import { IsInt, IsOptional, IsString } from 'class-validator';
import { checkPayload, parseJson, type MessageClass } from '../message.js';

// Notices say that what somebody holds in memory is old. They may be lost, which costs at most a short TTL, so they
// hold names and ids, never the new state.

/** A project was made, changed or deleted. */
export class ProjectChanged {
  static readonly subject = 'notices.catalog.project-changed';

  @IsString()
  name!: string;

  /** Null where the teller knows the name alone. */
  @IsOptional()
  @IsInt()
  projectId!: number | null;
}

/** Rights, name or credentials of an account changed. */
export class AccountChanged {
  static readonly subject = 'notices.accounts.account-changed';

  @IsInt()
  accountId!: number;
}

/** Who belongs to a project, or as what, changed. */
export class MembershipChanged {
  static readonly subject = 'notices.accounts.membership-changed';

  @IsInt()
  projectId!: number;

  /** Null when it is about several, or about a group. */
  @IsOptional()
  @IsInt()
  accountId!: number | null;
}

/** A key that signs tokens was made, rotated or withdrawn. */
export class SigningKeysChanged {
  static readonly subject = 'notices.accounts.signing-keys-changed';
}

/** The outbox has something to publish. */
export class OutboxFilled {
  static readonly subject = 'notices.messaging.outbox-filled';
}

export const NOTICES = [
  ProjectChanged,
  AccountChanged,
  MembershipChanged,
  SigningKeysChanged,
  OutboxFilled,
] as const satisfies readonly MessageClass[];

export type NoticeClass = (typeof NOTICES)[number];

/** @throws InvalidMessageError */
export function parseNotice<T extends object>(notice: MessageClass<T>, json: string | Uint8Array): T {
  return checkPayload(notice, parseJson(notice.subject, json));
}
