import type { Database, DatabaseSchema, Outbox } from '@breakwater/database';
import { AccountEntity } from './accounts/account.entity.js';
import { AccountNames } from './accounts/account-names.js';
import { AccountNews } from './accounts/account-news.js';
import { AccountRepository } from './accounts/account.repository.js';
import { AccountService } from './accounts/account.service.js';
import { AccountStates } from './authentication/account-states.js';
import { Authenticator } from './authentication/authenticator.js';
import { VerifiedCredentials } from './authentication/verified-credentials.js';
import { SigningKeyRepository } from './keys/signing-key.repository.js';
import { SigningKeys, type SigningKeysOptions } from './keys/signing-keys.js';
import { MemberNews } from './members/member-news.js';
import { MemberRepository } from './members/member.repository.js';
import { MemberService } from './members/member.service.js';
import { MembershipLookup } from './members/membership-lookup.js';
import { CreateAccounts1764000200000 } from './migrations/create-accounts.migration.js';
import { CreatePullCredentials1764000210000 } from './migrations/create-pull-credentials.migration.js';
import { DEFAULT_OPTIONS, type AccountsOptions } from './options.js';
import { AttemptThrottle } from './passwords/attempt-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { systemClock, type Clock, type Notifier, type SecretSealer, type SignInListener } from './ports.js';
import { PullCredentialRepository } from './pull-credentials/pull-credential.repository.js';
import { PullCredentials } from './pull-credentials/pull-credentials.js';
import { RefreshTokenRepository } from './tokens/refresh-token.repository.js';
import { RefreshTokens } from './tokens/refresh-tokens.js';
import { TokenIssuer } from './tokens/token-issuer.js';
import { CLOCK_LEEWAY_SECONDS, TokenVerifier } from './tokens/token-verifier.js';

/** The tables of this module. They refer to `project`: the catalog's migrations come first. */
export const accountsSchema: DatabaseSchema = {
  entities: [AccountEntity],
  migrations: [CreateAccounts1764000200000, CreatePullCredentials1764000210000],
};

export interface AccountsDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
  readonly sealer: SecretSealer;
  /** Left out: nobody is told of sign-ins. */
  readonly signIns?: SignInListener;
  readonly options?: Partial<AccountsOptions>;
  readonly clock?: Clock;
}

/** One per process. */
export interface Accounts {
  readonly accounts: AccountService;
  readonly members: MemberService;
  readonly memberships: MembershipLookup;
  readonly states: AccountStates;
  readonly authenticator: Authenticator;
  readonly tokenIssuer: TokenIssuer;
  readonly refreshTokens: RefreshTokens;
  readonly signingKeys: SigningKeys;
  /** What scans pull with. */
  readonly pullCredentials: PullCredentials;
  /** How much hashing this process does, for its metrics. */
  readonly hasher: PasswordHasher;
  /** What notices of other processes are wired to. Changes made here need no notice. */
  readonly onNotice: Notifier;
  /** When notices may have been missed: after the broker was away. */
  forgetAll(): void;
}

export function createAccounts({ database, outbox, notifier, sealer, ...rest }: AccountsDependencies): Accounts {
  const clock = rest.clock ?? systemClock;
  const options = { ...DEFAULT_OPTIONS, ...rest.options };
  const { unitOfWork } = database;

  const states = new AccountStates(database, clock, options.staleMs);
  const memberRepository = new MemberRepository(database);
  const memberships = new MembershipLookup(memberRepository, database, clock, options.staleMs);
  const keyRepository = new SigningKeyRepository(database);
  const signingKeys = new SigningKeys(keyRepository, unitOfWork, sealer, notifier, clock, keyOptions(options));

  const onNotice: Notifier = {
    accountsChanged: (accountIds) => states.forget(accountIds),
    membersChanged: (projectIds) => memberships.forgetProjects(projectIds),
    signingKeysChanged: () => signingKeys.forget(),
  };
  const everybody = both(onNotice, notifier);

  const hasher = new PasswordHasher(options.hashing);
  const throttle = new AttemptThrottle(clock, options.throttle);
  const accountRepository = new AccountRepository(database);
  const accountNames = new AccountNames(accountRepository, unitOfWork);
  const accountNews = new AccountNews(outbox, everybody, clock);
  const credentials = new VerifiedCredentials(clock, options.credentialsMs);
  const verifier = new TokenVerifier(signingKeys, clock, options.tokens);
  const pullRows = new PullCredentialRepository(database);
  const pullCredentials = new PullCredentials(pullRows, unitOfWork, clock, options.staleMs);
  return {
    accounts: new AccountService(accountRepository, unitOfWork, accountNames, hasher, throttle, accountNews),
    members: new MemberService(memberRepository, unitOfWork, new MemberNews(outbox, everybody, clock)),
    memberships,
    states,
    authenticator: new Authenticator(
      accountRepository,
      states,
      credentials,
      throttle,
      hasher,
      verifier,
      pullCredentials,
      rest.signIns,
    ),
    tokenIssuer: new TokenIssuer(signingKeys, clock, options.tokens),
    refreshTokens: new RefreshTokens(new RefreshTokenRepository(database), unitOfWork, options.refreshTokens),
    signingKeys,
    pullCredentials,
    hasher,
    onNotice,
    forgetAll: () => {
      states.forgetAll();
      memberships.forgetAll();
      signingKeys.forget();
      pullCredentials.forgetAll();
    },
  };
}

function keyOptions({ tokens, rotateKeysAfterSeconds }: AccountsOptions): SigningKeysOptions {
  const refreshMs = 60_000;
  // Until the last replica has noticed it signs with the old key: twice the refresh, for a reload that fails once.
  const overlapSeconds = tokens.ttlSeconds + CLOCK_LEEWAY_SECONDS + (2 * refreshMs) / 1000;
  return { overlapSeconds, refreshMs, rotateAfterSeconds: rotateKeysAfterSeconds, unknownKeyIntervalMs: 1_000 };
}

/** Our own caches first: whoever is told by the other one may ask us at once. */
function both(own: Notifier, others: Notifier): Notifier {
  return {
    accountsChanged: (accountIds) => {
      own.accountsChanged(accountIds);
      others.accountsChanged(accountIds);
    },
    membersChanged: (projectIds) => {
      own.membersChanged(projectIds);
      others.membersChanged(projectIds);
    },
    signingKeysChanged: () => {
      own.signingKeysChanged();
      others.signingKeysChanged();
    },
  };
}
