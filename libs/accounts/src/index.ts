export {
  AccountConflictError,
  AccountNotFoundError,
  AccountProtectedError,
  CurrentPasswordError,
  InvalidCredentialsError,
  InvalidMemberError,
  InvalidRefreshTokenError,
  InvalidRoleError,
  InvalidTokenError,
  MemberConflictError,
  MemberNotFoundError,
  SamePasswordError,
  SignInOverloadedError,
  SigningKeySealedError,
  TooManyAttemptsError,
  type InvalidTokenReason,
} from './accounts.errors.js';
export {
  FIRST_ADMIN_ID,
  FIRST_ADMIN_USERNAME,
  type Account,
  type AccountPage,
  type FoundAccount,
  type NewAccount,
} from './accounts/account.js';
export type { IssuedToken, TokenHolder, TokenIdentity } from './authentication/token-identity.js';
export type { Member, MemberPage, NewMember } from './members/member.js';
export { CreateAccounts1764000200000 } from './migrations/create-accounts.migration.js';
export { systemClock, type Clock, type Notifier, type SecretSealer } from './ports.js';
