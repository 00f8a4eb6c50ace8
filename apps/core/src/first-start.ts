import { FIRST_ADMIN_ID, FIRST_ADMIN_USERNAME } from '@breakwater/accounts';
import { checkPassword } from '@breakwater/domain';
import { DEFAULT_PROJECT_NAME } from '@breakwater/catalog';
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
 * Makes what a new installation needs: the first administrator, and the public project `library` so that a first push
 * has somewhere to go. Several replicas may start at once.
 *
 * The project is made first, because the account is the sign that all is done: a start that was cut short is finished
 * by the next one, and a project that somebody deletes later does not come back.
 *
 * @param password  of the environment; without effect once the account is there. Never logged.
 * @throws FirstPasswordMissingError, WeakPasswordError
 */
export async function ensureFirstStart(services: CoreServices, password: string | null, log: Logger): Promise<void> {
  const { accounts } = services.accounts;
  if ((await accounts.find(FIRST_ADMIN_ID)) !== null) return;
  if (password === null) throw new FirstPasswordMissingError();
  checkPassword(password);
  if (await makeDefaultProject(services)) log.info('made the first project', { project: DEFAULT_PROJECT_NAME });
  const { isNew } = await accounts.ensureFirstAdmin({ password });
  if (isNew) log.info('made the first administrator', { username: FIRST_ADMIN_USERNAME });
}

async function makeDefaultProject({ database, catalog, accounts }: CoreServices): Promise<boolean> {
  return database.unitOfWork.run(async (tx) => {
    const id = await catalog.projects.ensureDefaultIn(tx, INSTALLER, FIRST_ADMIN_ID);
    if (id === null) return false;
    await accounts.members.addCreator(tx, id, FIRST_ADMIN_ID);
    return true;
  });
}

const INSTALLER = { key: 'system:core', name: 'core' };
