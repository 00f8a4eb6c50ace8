import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { ValidationFailedError } from '../errors/http.errors.js';
import { convertParameter } from './convert-parameter.js';
import { faultsOf } from './faults.js';

type Place = 'body' | 'query' | 'path';

/**
 * Checks bodies, query strings and path parameters against the classes and types that handlers declare.
 *
 * Parameters are text and are converted to the declared type; bodies are JSON and are not: a number where a text is
 * declared is a fault. Properties that the class does not declare are dropped. All faults are reported together.
 *
 * @throws ValidationFailedError
 */
export class ApiValidationPipe implements PipeTransform<unknown, Promise<unknown>> {
  async transform(value: unknown, { type, metatype, data }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom') return value;
    const place = type === 'param' ? 'path' : type;
    if (metatype === undefined || SIMPLE_TYPES.includes(metatype)) {
      return place === 'body' ? value : convertOne(value, metatype, `${data ?? 'parameter'} in ${place}`);
    }
    return place === 'body' ? this.readBody(value, metatype) : this.readParameters(value, metatype, place);
  }

  private async readBody(value: unknown, metatype: Type): Promise<object> {
    if (!isRecord(value ?? {})) throw new ValidationFailedError(['body in body must be of type object']);
    return this.check(value ?? {}, metatype, 'body', []);
  }

  private async readParameters(value: unknown, metatype: Type, place: Place): Promise<object> {
    const given: Record<string, unknown> = isRecord(value) ? value : {};
    const converted: Record<string, unknown> = {};
    const faults: string[] = [];
    for (const key of Object.keys(given)) {
      const declared: unknown = Reflect.getMetadata('design:type', metatype.prototype as object, key);
      if (declared === undefined) continue;
      const conversion = convertParameter(given[key], declared);
      if ('fault' in conversion) faults.push(`${key} in ${place} ${conversion.fault}`);
      else if (conversion.value !== undefined) converted[key] = conversion.value;
    }
    return this.check(converted, metatype, place, faults);
  }

  private async check(given: unknown, metatype: Type, place: Place, faults: readonly string[]): Promise<object> {
    const instance = plainToInstance(metatype as Type<object>, given);
    const errors = await validate(instance, { whitelist: true, forbidUnknownValues: false });
    const all = [...faults, ...faultsOf(errors, place)];
    if (all.length > 0) throw new ValidationFailedError(all);
    return instance;
  }
}

const SIMPLE_TYPES: readonly unknown[] = [String, Number, Boolean, Array, Object];

function convertOne(value: unknown, metatype: unknown, name: string): unknown {
  const conversion = convertParameter(value, metatype);
  if ('fault' in conversion) throw new ValidationFailedError([`${name} ${conversion.fault}`]);
  return conversion.value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
