import type { RoleId } from '@breakwater/rbac';

/** Somebody's role in a project. One account has at most one membership of its own in a project. */
export interface Member {
  readonly id: number;
  readonly projectId: number;
  /** `u` an account, `g` a user group. */
  readonly entityType: 'u' | 'g';
  readonly entityId: number;
  /** The account's or the group's name. */
  readonly entityName: string;
  readonly roleId: RoleId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Whom to add. Harbor's precedence: the id, then the name. */
export interface NewMember {
  readonly userId?: number | null;
  readonly username?: string | null;
  /** Checked here: whatever is not one of the five roles is an InvalidRoleError. */
  readonly roleId: number;
}

export interface MemberPage {
  readonly items: readonly Member[];
  /** Of all pages, for the same filter. */
  readonly total: number;
}
