import { hash, parseOptions, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { SignInOverloadedError } from '../accounts.errors.js';
import { WorkQueue } from './work-queue.js';

export interface PasswordHasherOptions {
  /** Memory of one hash, in KiB. */
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  /** Hashes worked on at once: each holds a core and `memoryKib` for tens of milliseconds. */
  readonly concurrency: number;
  /** Sign-ins that may wait for their turn; whoever comes on top is told to try again. */
  readonly maxWaiting: number;
}

/**
 * OWASP's argon2id parameters of least memory (19 MiB, 2 passes, 1 lane): 12 ms of a core that has nothing else to do,
 * 60 ms of a busy one. Two at once leave half of libuv's four threads to files and signatures, so a storm of sign-ins
 * costs two cores and 38 MiB at most; 250 waiting are served within 2 to 8 s, and clients give up after 15.
 */
export const DEFAULT_HASHING: PasswordHasherOptions = {
  memoryKib: 19_456,
  passes: 2,
  lanes: 1,
  concurrency: 2,
  maxWaiting: 250,
};

/** Passwords as argon2id hashes in PHC text form: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. */
export class PasswordHasher {
  private readonly queue: WorkQueue;
  private readonly unmatchable: string;
  private verified = 0;

  constructor(private readonly options: PasswordHasherOptions = DEFAULT_HASHING) {
    this.queue = new WorkQueue({
      concurrency: options.concurrency,
      maxWaiting: options.maxWaiting,
      refusal: () => new SignInOverloadedError(),
    });
    this.unmatchable = unmatchableHash(options);
  }

  /** @throws SignInOverloadedError */
  hash(password: string): Promise<string> {
    const { memoryKib, passes, lanes } = this.options;
    return this.queue.run(() => hash(password, { memoryCost: memoryKib, timeCost: passes, parallelism: lanes }));
  }

  /**
   * Is this the password? Works as long for an account that does not exist (`stored` null) as for a wrong password,
   * so that the time tells nobody which names exist.
   *
   * @throws SignInOverloadedError
   */
  async verify(stored: string | null, password: string): Promise<boolean> {
    return this.queue.run(async () => {
      this.verified++;
      return (await verify(stored ?? this.unmatchable, password)) && stored !== null;
    });
  }

  /** Was it made with less work than is asked for today? */
  isOutdated(stored: string): boolean {
    const { memoryCost, timeCost } = parseOptions(stored);
    return memoryCost < this.options.memoryKib || timeCost < this.options.passes;
  }

  /** How often this process has worked out a hash to check a password: for metrics, and for tests of equal work. */
  get verifications(): number {
    return this.verified;
  }
}

/** A well-formed hash that no password is known to have: its bytes are random. */
function unmatchableHash({ memoryKib, passes, lanes }: PasswordHasherOptions): string {
  const [salt, output] = [randomBytes(16), randomBytes(32)].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${salt}$${output}`;
}
