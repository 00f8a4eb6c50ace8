import { applyDecorators, type Type } from '@nestjs/common';
import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { Type as Transformed } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { ADDITION_EXTENSION } from './extensions.js';

/**
 * Fields of bodies, sent and answered: one decorator says the form to the validator and to the OpenAPI document.
 *
 * As with Harbor a field may be left out or be null unless it `isRequired`, another type is a 422, and what is not
 * declared is ignored. What a value may be is a rule of the domain, which answers 400.
 */
export interface FieldOptions {
  readonly description?: string;
  readonly isRequired?: boolean;
  /** Not in Harbor's API. */
  readonly isAddition?: boolean;
  /** Answered as null where there is nothing, as Harbor does with lists inside of an object. */
  readonly isNullable?: boolean;
  readonly example?: unknown;
}

/** @param options.maxLength  in characters; longer is a 422. */
export function TextField(options: FieldOptions & { readonly maxLength?: number } = {}): PropertyDecorator {
  const { maxLength } = options;
  const property = { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) } as const;
  return field(options, property, IsString(), ...(maxLength === undefined ? [] : [MaxLength(maxLength)]));
}

export function IntegerField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'integer' }, IsInt());
}

/** With decimals. */
export function NumberField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'number' }, IsNumber());
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'boolean' }, IsBoolean());
}

/** `2026-08-21T05:58:10.123Z`: what a `Date` becomes in JSON. Answered only. */
export function TimeField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', format: 'date-time' });
}

export function ObjectField(type: () => Type<object>, options: FieldOptions = {}): PropertyDecorator {
  return field(options, lazily(type), ValidateNested(), Transformed(type));
}

export function ListField(type: () => Type<object>, options: FieldOptions = {}): PropertyDecorator {
  const property = { ...lazily(type), isArray: true };
  return field(options, property, IsArray(), ValidateNested({ each: true }), Transformed(type));
}

export function TextListField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: [String] }, IsArray(), IsString({ each: true }));
}

export function IntegerListField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'array', items: { type: 'integer' } }, IsArray(), IsInt({ each: true }));
}

/** A map of texts, e.g. annotations. */
export function TextMapField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'object', additionalProperties: { type: 'string' } }, ...[]);
}

/** A map of anything else. @param values  their schema, e.g. `{ type: 'integer' }`; true for any JSON. */
export function MapField(values: object | true, options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'object', additionalProperties: values }, ...[]);
}

/** The schema of a class that an `@ApiExtraModels` names. */
export function schemaOf(type: Type<object>): { readonly $ref: string } {
  return { $ref: getSchemaPath(type) };
}

/** The generator knows a function that gives a class from a class by its name, which has to be `type`. */
function lazily(type: () => Type<object>): object {
  return { type: () => type() };
}

function field(
  { description, isRequired = false, isAddition = false, isNullable = false, example }: FieldOptions,
  property: object,
  ...validators: PropertyDecorator[]
): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      ...property,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      ...(isAddition ? { [ADDITION_EXTENSION]: true } : {}),
      ...(isNullable ? { nullable: true } : {}),
    }),
    isRequired ? IsNotEmpty() : IsOptional(),
    ...validators,
  );
}
