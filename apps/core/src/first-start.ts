import { FIRST_ADMIN_ID, FIRST_ADMIN_USERNAME } from '@breakwater/accounts';
import { AppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/observability';
import type { CoreServices } from './core.services.js';

/** Nobody could ever sign in. There is no password that everybody knows. */
export class FirstPasswordMissingError extends AppError {
  readonly code = 'FIRST_PASSWORD_MISSING';
  readonly kind = 'invalid';

  constructor() {
    super(
      'this installation has no account yet: set BREAKWATER_ADMIN_PASSWORD (or BREAKWATER_ADMIN_PASSWORD_FILE) to the ' +
        `password that ${FIRST_ADMIN_USERNAME} shall have, for this first start`,
    );
  }
}

/**
 * Makes the first administrator where there is no account yet. Several replicas may start at once.
 *
 * @param password  of the environment; without effect once the account is there. Never logged.
 * @throws FirstPasswordMissingError, WeakPasswordError
 */
export async function ensureFirstStart(
  { accounts: { accounts } }: Pick<CoreServices, 'accounts'>,
  password: string | null,
  log: Logger,
): Promise<void> {
  if ((await accounts.find(FIRST_ADMIN_ID)) !== null) return;
  if (password === null) throw new FirstPasswordMissingError();
  const { isNew } = await accounts.ensureFirstAdmin({ password });
  if (isNew) log.info('made the first administrator', { username: FIRST_ADMIN_USERNAME });
}
