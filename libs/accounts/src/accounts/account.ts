/** A person's account, as the API shows it. Credentials are never part of it. */
export interface Account {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly realname: string;
  readonly comment: string;
  readonly isSystemAdmin: boolean;
  /** A disabled account keeps its rows and memberships; nobody signs in with it and its tokens have ended. */
  readonly isDisabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The account that the first start makes. It cannot be deleted. */
export const FIRST_ADMIN_ID = 1;
export const FIRST_ADMIN_USERNAME = 'admin';

export interface NewAccount {
  readonly username: string;
  readonly email: string;
  readonly realname: string;
  readonly comment?: string | null;
  readonly password: string;
  readonly isSystemAdmin?: boolean;
}

export interface AccountPage {
  readonly items: readonly Account[];
  /** Of all pages. */
  readonly total: number;
}

/** What any signed-in user may learn about another. */
export interface FoundAccount {
  readonly id: number;
  readonly username: string;
}
