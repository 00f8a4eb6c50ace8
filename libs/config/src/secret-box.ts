import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { UnreadableSecretError } from './config.errors.js';

/**
 * Seals secrets that must be read again (credentials of other registries, TOTP seeds), with AES-256-GCM.
 *
 * The first key of the ring seals; every key opens. To rotate: put a new key first, seal everything anew
 * (`isStale`), drop the old one.
 *
 * Sealed form: `v1.<key id>.<base64url of nonce, ciphertext and tag>`.
 */
export class SecretBox {
  private readonly ring: ReadonlyMap<string, Buffer>;
  private readonly currentId: string;

  /** @param keys  32 bytes each, the current one first. */
  constructor(keys: readonly [Buffer, ...Buffer[]]) {
    this.ring = new Map(keys.map((key) => [keyId(key), key]));
    this.currentId = keyId(keys[0]);
  }

  /**
   * @param purpose  where the secret belongs, e.g. `registry:12/password`. It is authenticated with the text,
   *   so that one row's secret cannot be passed off as another's.
   */
  seal(plaintext: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keyOf(this.currentId), nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${this.currentId}.${sealed.toString('base64url')}`;
  }

  /** @throws UnreadableSecretError  unknown key, another purpose, or altered. */
  open(sealed: string, purpose: string): string {
    const { id, bytes } = parse(sealed);
    const key = this.keyOf(id);
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const ciphertext = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new UnreadableSecretError('a secret was altered or belongs elsewhere', {}, { cause });
    }
  }

  /** Sealed with an older key of the ring: seal it anew before that key is dropped. */
  isStale(sealed: string): boolean {
    return parse(sealed).id !== this.currentId;
  }

  private keyOf(id: string): Buffer {
    const key = this.ring.get(id);
    if (!key) throw new UnreadableSecretError(`a secret was sealed with key ${id}, which the key ring lacks`, { id });
    return key;
  }
}

export const SECRET_KEY_BYTES = 32;

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Tells which key of a ring it is, and nothing about the key. */
function keyId(key: Buffer): string {
  return createHash('sha256').update('breakwater key id\0').update(key).digest('hex').slice(0, 8);
}

function parse(sealed: string): { id: string; bytes: Buffer } {
  const [version, id, text, ...rest] = sealed.split('.');
  const bytes = Buffer.from(text ?? '', 'base64url');
  if (version !== VERSION || !id || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES)
    throw new UnreadableSecretError('not a sealed secret');
  return { id, bytes };
}
