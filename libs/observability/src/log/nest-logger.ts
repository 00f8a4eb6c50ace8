import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Nest's own words (start-up, unhandled exceptions) in the house's log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const fields = fieldsOf(rest);
    // One line per module and route at every start: for whoever looks for them.
    const level = CHATTER.has(fields.context ?? '') ? 'debug' : 'info';
    this.logger[level](textOf(message), fields);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(textOf(message), fieldsOf(rest));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(
      textOf(message),
      message instanceof Error ? { ...fieldsOf(rest), error: message } : fieldsOf(rest),
    );
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), fieldsOf(rest));
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }
}

const CHATTER = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver', 'NestFactory']);

/** Nest passes the context last, and the stack of an error before it. */
function fieldsOf(rest: readonly unknown[]): { context?: string; details?: readonly unknown[] } {
  const context = rest.at(-1);
  if (typeof context !== 'string') return rest.length > 0 ? { details: rest } : {};
  const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
  return details.length > 0 ? { context, details } : { context };
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
