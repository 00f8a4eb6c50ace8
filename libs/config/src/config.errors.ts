import { AppError } from '@breakwater/errors';

/** One variable and what is wrong with it. Never its value: configuration holds secrets. */
export interface ConfigFault {
  readonly name: string;
  readonly problem: string;
}

/** Every fault of the environment at once, by name. */
export class ConfigError extends AppError {
  readonly code = 'CONFIG_INVALID';
  readonly kind = 'invalid';
  constructor(readonly faults: readonly ConfigFault[]) {
    const lines = faults.map(({ name, problem }) => `  ${name} ${problem}`);
    super(`the configuration is not usable:\n${lines.join('\n')}`, { faults });
  }
}

/** The text was sealed with a key that the ring lacks, for another purpose, or was altered. */
export class UnreadableSecretError extends AppError {
  readonly code = 'UNREADABLE_SECRET';
  readonly kind = 'internal';
}
