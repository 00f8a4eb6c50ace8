import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dataPath, type LocalConfig } from './local.config.js';

/** What the installation made for itself on its first start. Nothing has a default. */
export interface LocalSecrets {
  readonly adminPassword: string;
  /** True on the start that made the password: it is shown once. */
  readonly isNewAdminPassword: boolean;
  readonly secretKey: string;
  /** Other users of the machine must not publish news. */
  readonly natsPassword: string;
}

export function ensureSecrets(config: LocalConfig): LocalSecrets {
  const passwordFile = dataPath(config, 'admin-password');
  const isNewAdminPassword = config.adminPassword === null && !existsSync(passwordFile);
  return {
    adminPassword: config.adminPassword ?? keep(passwordFile, newPassword),
    isNewAdminPassword,
    secretKey: config.environment['BREAKWATER_SECRET_KEY'] ?? keep(dataPath(config, 'secret-key'), newKey),
    natsPassword: keep(dataPath(config, 'nats-password'), () => randomBytes(24).toString('hex')),
  };
}

function keep(file: string, make: () => string): string {
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}

/** 20 characters without look-alikes, with an upper-case letter, a lower-case letter and a digit as Harbor asks. */
function newPassword(): string {
  const pick = (alphabet: string): string => alphabet.charAt(randomInt(alphabet.length));
  const all = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  for (;;) {
    const password = Array.from({ length: 20 }, () => pick(all)).join('');
    if (/[A-Z]/.test(password) && /[a-z]/.test(password) && /[0-9]/.test(password)) return password;
  }
}
