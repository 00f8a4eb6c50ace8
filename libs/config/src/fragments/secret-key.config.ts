import { ValidateBy } from 'class-validator';
import { Env } from '../env.decorator.js';
import { SECRET_KEY_BYTES, SecretBox } from '../secret-box.js';

export class SecretKeyConfig {
  static readonly section = 'Secrets at rest';

  @Env('BREAKWATER_SECRET_KEY', {
    describe:
      'Seals stored secrets. Base64 of 32 random bytes (`openssl rand -base64 32`). To rotate, put the new key before ' +
      'the old ones, separated by commas. Lost, the secrets in the database cannot be read again.',
    secret: true,
    type: 'list',
  })
  @ValidateBy({
    name: 'isKeyRing',
    validator: {
      validate: (keys) => Array.isArray(keys) && keys.length > 0 && keys.every(isKey),
      defaultMessage: () => 'must be base64 of 32 bytes, or several of them separated by commas',
    },
  })
  readonly keyRing!: readonly string[];

  /** The box of this key ring. */
  secretBox(): SecretBox {
    const [current = Buffer.alloc(0), ...older] = this.keyRing.map((key) => Buffer.from(key, 'base64'));
    return new SecretBox([current, ...older]);
  }
}

function isKey(text: unknown): boolean {
  const isBase64 = typeof text === 'string' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  return isBase64 && Buffer.from(text, 'base64').length === SECRET_KEY_BYTES;
}
