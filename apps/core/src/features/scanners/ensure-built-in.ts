import { AppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/observability';
import type { BuiltInScanner } from '@breakwater/scanning';

/**
 * Makes the scanner of the settings say what the settings say. Core serves without it, too: an address that somebody has
 * registered by hand meanwhile is no reason not to start.
 *
 * @throws when the database does not answer.
 */
export async function ensureBuiltIn(builtIn: BuiltInScanner, url: string | null, log: Logger): Promise<void> {
  try {
    await builtIn.ensure(url);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'unavailable') throw error;
    log.warn('the scanner of BREAKWATER_TRIVY_ADAPTER_URL is not registered', { error });
  }
}
