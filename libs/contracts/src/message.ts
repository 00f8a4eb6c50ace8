import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { InvalidMessageError } from './contract.errors.js';

/** A contract: the class of a payload, with the subject that it travels on. */
export type MessageClass<T extends object = object> = (new () => T) & { readonly subject: string };

/**
 * Checks a payload against its contract. Fields that the contract does not know are kept: a newer sender adds them.
 *
 * @throws InvalidMessageError
 */
export function checkPayload<T extends object>(message: MessageClass<T>, payload: unknown): T {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new InvalidMessageError(message.subject, ['the payload must be an object']);
  const instance = plainToInstance(message, payload);
  // Some notices have no fields at all, which class-validator would take for an unknown class.
  const errors = validateSync(instance, { forbidUnknownValues: false });
  if (errors.length > 0) throw new InvalidMessageError(message.subject, faultsOf(errors));
  return instance;
}

/** @throws InvalidMessageError for what is not JSON. */
export function parseJson(subject: string, json: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw new InvalidMessageError(subject, ['it is not JSON'], cause);
  }
}

function faultsOf(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => [
    ...Object.values(constraints).map((fault) => path + fault),
    ...faultsOf(children, `${path}${property}.`),
  ]);
}
