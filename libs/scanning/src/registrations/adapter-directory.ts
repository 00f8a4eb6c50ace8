import { CachedLookup } from '@breakwater/database';
import { AppError } from '@breakwater/errors';
import { supportedKinds, type ScannerMetadata, type SupportedKinds } from '@breakwater/scanner-spec';
import type { AdapterClient, Clock } from '../ports.js';
import { ScannerNotFoundError, ScannerSealedError, ScannerUnreachableError } from './registration.errors.js';
import type { Registration, ScannerEndpoint } from './registration.js';

/** What adapters say of themselves, asked at most once in 30 s each, as Harbor does. */
export class AdapterDirectory {
  private readonly answers: CachedLookup<string, Answer>;

  /** @param endpointOf  with its credential in the clear. */
  constructor(client: AdapterClient, endpointOf: (id: number) => Promise<ScannerEndpoint>, clock: Clock) {
    this.answers = new CachedLookup({
      // One adapter that is slow holds up nobody who asks another one.
      maxBatch: 1,
      concurrency: 32,
      maxEntries: 1_000,
      ttlMs: METADATA_TTL_MS,
      nowMs: () => clock.monotonicMs(),
      find: (keys) => Promise.all(keys.map((key) => answerOf(client, () => endpointOf(idOf(key))))),
    });
  }

  /**
   * As the adapter says it now, or said it at most 30 s ago. A failure is not remembered for whoever asks this.
   *
   * @throws ScannerUnreachableError, ScannerSealedError
   */
  async metadata(registration: Registration): Promise<ScannerMetadata> {
    const answer = await this.answers.get(keyOf(registration));
    if ('metadata' in answer) return answer.metadata;
    this.answers.forget(keyOf(registration));
    throw answer.failure;
  }

  /** For lists and pages: null when the adapter does not answer in time; then it is asked again after 30 s. */
  async find(registration: Registration): Promise<ScannerMetadata | null> {
    const answer = await withinPatience(this.answers.get(keyOf(registration)));
    return answer !== null && 'metadata' in answer ? answer.metadata : null;
  }

  /** Of each of them, all asked at once; null where the adapter does not answer. */
  supportedKinds(registrations: readonly Registration[]): Promise<(SupportedKinds | null)[]> {
    return Promise.all(
      registrations.map(async (each) => {
        const metadata = await this.find(each);
        return metadata === null ? null : supportedKinds(metadata);
      }),
    );
  }
}

/**
 * A live question, for what is not stored yet.
 *
 * @throws ScannerUnreachableError
 */
export async function askAdapter(client: AdapterClient, endpoint: ScannerEndpoint): Promise<ScannerMetadata> {
  const answer = await answerOf(client, async () => endpoint);
  if ('metadata' in answer) return answer.metadata;
  throw answer.failure;
}

const METADATA_TTL_MS = 30_000;
/** A list does not wait longer for an adapter; its answer is remembered all the same when it comes. */
const PATIENCE_MS = 3_000;

type Answer = { readonly metadata: ScannerMetadata } | { readonly failure: AppError };

/** What becomes of one adapter is no failure of a list of them; that the database does not answer is. */
async function answerOf(client: AdapterClient, endpointOf: () => Promise<ScannerEndpoint>): Promise<Answer> {
  const endpoint = await endpointOf().catch((error: unknown): AppError => {
    if (error instanceof ScannerSealedError || error instanceof ScannerNotFoundError) return error;
    throw error;
  });
  if (endpoint instanceof AppError) return { failure: endpoint };
  try {
    return { metadata: await client.metadata(endpoint) };
  } catch (error) {
    // What went wrong between us and an adapter is never our caller's 500; a mistake of ours is.
    if (!(error instanceof AppError)) throw error;
    return { failure: new ScannerUnreachableError(error.message, { cause: error }) };
  }
}

/** A change of the registration makes another key. */
function keyOf({ id, updatedAt }: Registration): string {
  return `${id}@${updatedAt.getTime()}`;
}

function idOf(key: string): number {
  return Number.parseInt(key, 10);
}

async function withinPatience<T>(answer: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), PATIENCE_MS);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
