import { ValidationFailedError } from '@breakwater/http';
import { ApiBody, ApiResponse } from '@nestjs/swagger';

/** A JSON object of which only the values' type is known. */
export type TextMap = Readonly<Record<string, string>>;

const SCHEMA = { type: 'object', additionalProperties: { type: 'string' } } as const;

export function TakesTextMap(): MethodDecorator {
  return ApiBody({ schema: SCHEMA, required: false });
}

export function ReturnsTextMap(): MethodDecorator {
  return ApiResponse({ status: 200, description: 'Success.', schema: SCHEMA });
}

/** @throws ValidationFailedError  no object, or a value that is no text. */
export function readTextMap(body: unknown): TextMap {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new ValidationFailedError(['body in body must be of type object']);
  const faults = Object.entries(body)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key]) => `${key} in body must be a string`);
  if (faults.length > 0) throw new ValidationFailedError(faults);
  return body as TextMap;
}
