import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Accounts are NATS's own walls: subjects, streams and consumers of one are invisible to the others. So each test
 * file uses the house's real names for them and still has the server to itself.
 */
export function natsAccounts(): string {
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => {
    const user = `{ user: test${index}, password: ${ACCOUNT_PASSWORD} }`;
    return `  TEST${index}: { jetstream: enabled, users: [${user}] }`;
  });
  return `accounts {\n${accounts.join('\n')}\n}`;
}

/** Takes an account that nobody used in this run: making a directory is atomic over all workers. */
export async function claimNatsAccount(directory: string): Promise<{ user: string; password: string }> {
  for (let index = 0; index < ACCOUNTS; index++) {
    try {
      await mkdir(join(directory, ACCOUNTS_DIRECTORY, String(index)));
      return { user: `test${index}`, password: ACCOUNT_PASSWORD };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Error(`all ${ACCOUNTS} NATS accounts of this test run are taken: raise ACCOUNTS`);
}

export const ACCOUNTS_DIRECTORY = 'nats-accounts';
const ACCOUNTS = 300;
/** Guards nothing: the server listens on 127.0.0.1 and holds test data. */
const ACCOUNT_PASSWORD = 'test';
