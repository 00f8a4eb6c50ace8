import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString } from 'class-validator';
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

/** Which scanners or which accepted findings count has changed. */
export class ScanPolicyChanged {
  static readonly subject = 'notices.scanning.scan-policy-changed';

  /** Null: for every project. */
  @IsOptional()
  @IsInt()
  projectId!: number | null;
}

/** The outbox has something to publish. */
export class OutboxFilled {
  static readonly subject = 'notices.messaging.outbox-filled';
}

/** Somebody wants these tasks stopped while they run: whoever runs them looks at its own every second anyway. */
export class StopRequested {
  static readonly subject = 'notices.jobs.stop-requested';

  @IsArray()
  @ArrayMaxSize(1_000)
  @IsInt({ each: true })
  taskIds!: number[];
}

/** Tasks may be begun, or schedules fired, that could not be a moment ago. */
export class WorkWaiting {
  static readonly subject = 'notices.jobs.work-waiting';
}

export const NOTICES = [
  ProjectChanged,
  AccountChanged,
  MembershipChanged,
  SigningKeysChanged,
  OutboxFilled,
  ScanPolicyChanged,
  StopRequested,
  WorkWaiting,
] as const satisfies readonly MessageClass[];

export type NoticeClass = (typeof NOTICES)[number];

/** @throws InvalidMessageError */
export function parseNotice<T extends object>(notice: MessageClass<T>, json: string | Uint8Array): T {
  return checkPayload(notice, parseJson(notice.subject, json));
}
