import type { UnitOfWork } from '@breakwater/database';
import type { CryptoKey, JWK } from 'jose';
import type { Clock, Notifier, SecretSealer } from '../ports.js';
import {
  importPublicKey,
  makeSigningKey,
  openPrivateKey,
  SIGNING_ALGORITHM,
  type SigningKeyRow,
} from './signing-key.js';
import type { SigningKeyRepository } from './signing-key.repository.js';

export interface SigningKeysOptions {
  /** How long a retired key still verifies: at least the longest life of a token, and what replicas need to notice. */
  readonly overlapSeconds: number;
  /** Age at which `rotateIfDue` makes a new key. */
  readonly rotateAfterSeconds: number;
  /** How old the list of keys in memory may be. */
  readonly refreshMs: number;
  /** The shortest time between two looks into the database for a key that nobody knows. */
  readonly unknownKeyIntervalMs: number;
}

/** For checking a signature. Null where what such a key has signed is not believed (any more). */
export interface PublicKeySource {
  find(kid: string): Promise<CryptoKey | null>;
}

/**
 * The keys that registry tokens are signed with: ES256, one that signs and the retired ones that still verify.
 *
 * All replicas share them through the database, which admits one signing key. What is in memory is renewed every
 * minute, on notice, and when a token names a key that is not known; while the database is away it goes on with
 * what it has.
 */
export class SigningKeys implements PublicKeySource {
  private held: HeldKeys | null = null;
  private loading: Promise<HeldKeys> | null = null;
  private generation = 0;
  private lookedForUnknownAt = -Infinity;

  constructor(
    private readonly repository: Pick<SigningKeyRepository, keyof SigningKeyRepository>,
    private readonly unitOfWork: Pick<UnitOfWork, 'run'>,
    private readonly sealer: SecretSealer,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
    private readonly options: SigningKeysOptions,
  ) {}

  /**
   * The key to sign with; the first call of a new installation makes it.
   *
   * @throws SigningKeySealedError  the key ring cannot open it.
   */
  async current(): Promise<{ kid: string; privateKey: CryptoKey }> {
    let held = await this.recent();
    if (!held.signing) {
      await this.makeFirst();
      held = await this.load();
    }
    const { signing } = held;
    if (!signing) return this.current(); // retired between the two: there is a newer one now
    signing.opened ??= openPrivateKey(this.sealer, signing.kid, signing.sealed);
    return { kid: signing.kid, privateKey: await signing.opened };
  }

  /** Cheap enough for every request: the list in memory is asked, and renewed when it is old. */
  async find(kid: string): Promise<CryptoKey | null> {
    const held = await this.recent();
    const known = held.verifying.get(kid) ?? (await this.lookForUnknown(kid, held)).verifying.get(kid);
    const isTrusted = known && (known.verifyUntil === null || known.verifyUntil > this.clock.now());
    return isTrusted ? known.key : null;
  }

  /** What `/service/jwks` answers: RFC 7517, the signing key first. */
  async publicKeys(): Promise<{ keys: JWK[] }> {
    return { keys: (await this.recent()).published };
  }

  /**
   * Retires the signing key and makes a new one. When several replicas do it at once one does it.
   *
   * @param endTokens  the old key may be known to others: nothing that it signed is believed from now on.
   * @returns the id of the key that signs now.
   */
  async rotate({ endTokens = false } = {}): Promise<string> {
    const { signing } = await this.load();
    const made = await makeSigningKey(this.sealer);
    await this.unitOfWork.run(async (tx) => {
      if (signing) await this.repository.retire(tx, signing.kid, endTokens ? 0 : this.options.overlapSeconds);
      if (endTokens) await this.repository.withdrawRetired(tx);
      await this.repository.deleteUseless(tx);
      await this.repository.insertCurrent(tx, made);
      tx.onCommit(() => this.changed());
    });
    return (await this.load()).signing?.kid ?? made.kid;
  }

  /** For the scheduler: rotates when the signing key is old enough, and otherwise only clears away. */
  async rotateIfDue(): Promise<boolean> {
    const { signing } = await this.load();
    const dueAt = signing ? signing.createdAt.getTime() + this.options.rotateAfterSeconds * 1000 : Infinity;
    if (this.clock.now().getTime() < dueAt) return false;
    return (await this.rotate()) !== signing?.kid;
  }

  /** On notice: the next use looks into the database. */
  forget(): void {
    this.generation++;
    this.loading = null;
    if (this.held) this.held = { ...this.held, loadedAt: -Infinity };
  }

  private async recent(): Promise<HeldKeys> {
    const { held } = this;
    if (held && held.loadedAt + this.options.refreshMs > this.clock.monotonicMs()) return held;
    try {
      return await (this.loading ?? this.load());
    } catch (error) {
      if (!held) throw error;
      // Pulls go on while the database is away; it is asked again after a pause, not by every one of them.
      const loadedAt = this.clock.monotonicMs() - this.options.refreshMs + this.options.unknownKeyIntervalMs;
      return (this.held = { ...held, loadedAt });
    }
  }

  /**
   * The key may have been made a moment ago, or be nonsense. Nonsense costs one small query an interval; a token of
   * a new key whose notice was lost can be refused within that interval, and only while nonsense keeps coming.
   */
  private async lookForUnknown(kid: string, seen: HeldKeys): Promise<HeldKeys> {
    const held = (await this.loading) ?? seen; // a look that is under way was mostly asked for by the same key
    const now = this.clock.monotonicMs();
    if (held.verifying.has(kid) || this.lookedForUnknownAt + this.options.unknownKeyIntervalMs > now) return held;
    this.lookedForUnknownAt = now;
    return this.load();
  }

  private load(): Promise<HeldKeys> {
    const { generation } = this;
    const loading = this.read()
      .then((held) => {
        if (this.generation === generation) this.held = held; // else it was read before a change
        return held;
      })
      .finally(() => {
        if (this.loading === loading) this.loading = null;
      });
    this.loading = loading;
    return loading;
  }

  private async read(): Promise<HeldKeys> {
    const loadedAt = this.clock.monotonicMs();
    const rows = await this.repository.listUsable();
    const keys = await Promise.all(
      rows.map(async (row) => [row.kid, { key: await this.importOnce(row), verifyUntil: row.verifyUntil }] as const),
    );
    const signing = rows.find((row) => row.verifyUntil === null);
    return {
      loadedAt,
      verifying: new Map(keys),
      published: rows.map((row) => ({ ...row.publicKey, kid: row.kid, use: 'sig', alg: SIGNING_ALGORITHM })),
      signing: signing ? this.keepOpened(signing) : null,
    };
  }

  private async importOnce(row: SigningKeyRow): Promise<CryptoKey> {
    return this.held?.verifying.get(row.kid)?.key ?? (await importPublicKey(row.publicKey));
  }

  private keepOpened(row: SigningKeyRow): HeldSigningKey {
    if (this.held?.signing?.kid === row.kid) return this.held.signing;
    return { kid: row.kid, sealed: row.privateKey ?? '', createdAt: row.createdAt, opened: null };
  }

  private async makeFirst(): Promise<void> {
    const made = await makeSigningKey(this.sealer);
    await this.unitOfWork.run(async (tx) => {
      if (await this.repository.insertCurrent(tx, made)) tx.onCommit(() => this.changed());
    });
  }

  private changed(): void {
    this.forget();
    this.notifier.signingKeysChanged();
  }
}

interface HeldKeys {
  readonly loadedAt: number;
  readonly verifying: ReadonlyMap<string, { readonly key: CryptoKey; readonly verifyUntil: Date | null }>;
  readonly published: JWK[];
  readonly signing: HeldSigningKey | null;
}

interface HeldSigningKey {
  readonly kid: string;
  readonly sealed: string;
  readonly createdAt: Date;
  /** Opened at the first signature: a process that only verifies never opens it. */
  opened: Promise<CryptoKey> | null;
}
