import pino from 'pino';
import { redact, redactText } from './redact.js';
import { currentContext } from './request-context.js';
import { standardOutput } from './standard-output.js';

/** Structured log: a fixed sentence and the facts as fields. An error goes into the field `error`. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  /** The same log with fields on every line. */
  with(fields: object): Logger;
}

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Name of the process, e.g. `registry`. */
  readonly app: string;
  /** Standard output when left out, of which a process has one such log. */
  readonly destination?: { write(line: string): void };
}

/**
 * JSON, one object per line: `time` (ISO 8601), `level`, `app`, `message`, the fields, and those of the context
 * (`runInContext`). Secrets are blanked, see `redact`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { app: options.app },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    mixin: () => ({ ...currentContext() }),
  };
  return new PinoLogger(pino(settings, options.destination ?? standardOutput()));
}

/** For tests and defaults: says nothing. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => SILENT,
};

class PinoLogger implements Logger {
  constructor(private readonly pino: pino.Logger) {}

  debug(message: string, fields?: object): void {
    this.write('debug', message, fields);
  }
  info(message: string, fields?: object): void {
    this.write('info', message, fields);
  }
  warn(message: string, fields?: object): void {
    this.write('warn', message, fields);
  }
  error(message: string, fields?: object): void {
    this.write('error', message, fields);
  }
  with(fields: object): Logger {
    return new PinoLogger(this.pino.child(redact(fields) as pino.Bindings));
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    // Redacting costs more than asking: a line that nobody reads is not prepared.
    if (this.pino.isLevelEnabled(level)) this.pino[level](redact(fields) as object, redactText(message));
  }
}
