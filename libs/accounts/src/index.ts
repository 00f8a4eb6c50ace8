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
  MemberProjectGoneError,
  PullCredentialProjectGoneError,
  SamePasswordError,
  SignInOverloadedError,
  SigningKeySealedError,
  TooManyAttemptsError,
  type InvalidTokenReason,
} from './accounts.errors.js';
export { accountFields } from './accounts/account-fields.js';
export {
  FIRST_ADMIN_ID,
  FIRST_ADMIN_USERNAME,
  type Account,
  type AccountPage,
  type FoundAccount,
  type NewAccount,
} from './accounts/account.js';
export type { AccountQuery } from './accounts/account.repository.js';
export { AccountService, type PasswordChange } from './accounts/account.service.js';
export { AccountStates, type AccountState } from './authentication/account-states.js';
export { Authenticator } from './authentication/authenticator.js';
export { accountsSchema, createAccounts, type Accounts, type AccountsDependencies } from './create-accounts.js';
export { SigningKeys } from './keys/signing-keys.js';
export type { Member, MemberPage, NewMember } from './members/member.js';
export { MemberService } from './members/member.service.js';
export { MembershipLookup, type ReadableProjects } from './members/membership-lookup.js';
export { CreateAccounts1764000200000 } from './migrations/create-accounts.migration.js';
export { CreatePullCredentials1764000210000 } from './migrations/create-pull-credentials.migration.js';
export { DEFAULT_OPTIONS, type AccountsOptions } from './options.js';
export {
  systemClock,
  type CheckedSignIn,
  type Clock,
  type Notifier,
  type SecretSealer,
  type SignInListener,
} from './ports.js';
export { PullCredentials, type NewPullCredential, type PullCredential } from './pull-credentials/pull-credentials.js';
export type { RefreshToken } from './tokens/refresh-token.repository.js';
export { RefreshTokens } from './tokens/refresh-tokens.js';
export type { IssuedToken, TokenHolder, TokenIdentity } from './tokens/token-identity.js';
export { TokenIssuer } from './tokens/token-issuer.js';
