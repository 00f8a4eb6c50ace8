import type { Fault, Parsed } from './fault.js';
import { cleanText, shorten } from './text.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** How a field is to be read. */
export interface FieldRule {
  /** Missing, null or (for texts) empty is a fault. */
  readonly isRequired?: boolean;
  /** Faults of this field make the document unusable. */
  readonly isFatal?: boolean;
}

export interface TextRule extends FieldRule {
  /** In UTF-16 units; what is longer is cut, which is a fault that is got over. */
  readonly maxLength: number;
}

export interface ListRule extends FieldRule {
  /** Further items are left out. */
  readonly most: number;
}

/**
 * Reads a JSON document of strangers: takes what is usable, and names what is not.
 *
 * Texts come out fit for PostgreSQL (no NUL, no half of a surrogate pair). Own properties only are looked at, so
 * `__proto__` is a key like any other.
 */
export class Reading {
  private readonly noted: Fault[] = [];
  private unnoted = 0;
  private isUnusable = false;

  note(path: string, kind: Fault['kind'], problem: string, { isFatal = false } = {}): void {
    this.isUnusable ||= isFatal;
    // A fatal one is always told: it is why the document is refused.
    if (this.noted.length < MOST_FAULTS || (isFatal && !this.noted.some((fault) => fault.isFatal)))
      this.noted.push({ path: shorten(path, 200), kind, problem, isFatal });
    else this.unnoted++;
  }

  finish(value: null): Parsed<never>;
  finish<T>(value: T | null): Parsed<T>;
  finish<T>(value: T | null): Parsed<T> {
    const more: Fault[] =
      this.unnoted === 0
        ? []
        : [{ path: '', kind: 'invalid', problem: `has ${this.unnoted} more faults`, isFatal: false }];
    return { value: this.isUnusable ? null : value, faults: [...this.noted, ...more] };
  }

  isObject(value: unknown): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }

  /** The document itself; null, noted as fatal, when it is not an object. */
  root(document: unknown): JsonObject | null {
    if (this.isObject(document)) return document;
    this.note('', 'wrong-type', `is ${typeName(document)}, not an object`, { isFatal: true });
    return null;
  }

  /** @param base  path of `from` with its dot, e.g. `artifact.`. */
  object(from: JsonObject, base: string, key: string, rule: FieldRule = {}): JsonObject | null {
    const value = own(from, key);
    if (value === undefined || value === null) return this.missing(base + key, value, rule);
    if (this.isObject(value)) return value;
    this.note(base + key, 'wrong-type', `is ${typeName(value)}, not an object`, { isFatal: rule.isFatal === true });
    return null;
  }

  /** A number or a boolean in the place of a text is taken as its text, which is a fault that is got over. */
  text(from: JsonObject, base: string, key: string, rule: TextRule): string | null {
    const value = own(from, key);
    if (value === undefined || value === null || value === '') {
      this.missing(base + key, value, rule);
      return null;
    }
    if (typeof value === 'string') return this.fit(value, base + key, rule.maxLength);
    const isScalar = typeof value === 'number' || typeof value === 'boolean';
    this.note(base + key, 'wrong-type', `is ${typeName(value)}, not a text`, {
      isFatal: rule.isFatal === true && !isScalar,
    });
    return isScalar ? String(value) : null;
  }

  /** Missing and null are an empty list. */
  list(from: JsonObject, base: string, key: string, rule: ListRule): readonly unknown[] {
    const value = own(from, key);
    if (value === undefined || value === null) {
      this.missing(base + key, value, rule);
      return [];
    }
    if (!Array.isArray(value)) {
      this.note(base + key, 'wrong-type', `is ${typeName(value)}, not a list`, { isFatal: rule.isFatal === true });
      return [];
    }
    if (value.length <= rule.most) return value as readonly unknown[];
    this.note(base + key, 'invalid', `has ${value.length} items, ${rule.most} are kept`);
    return value.slice(0, rule.most) as readonly unknown[];
  }

  /** A list of texts; a single text in its place counts as a list of one, items that are no text are left out. */
  texts(
    from: JsonObject,
    base: string,
    key: string,
    rule: FieldRule & { most?: number; maxLength?: number } = {},
  ): string[] {
    const value = own(from, key);
    const isSingle = typeof value === 'string' && value !== '';
    if (isSingle) this.note(base + key, 'wrong-type', 'is a text, not a list');
    const items = isSingle ? [value] : this.list(from, base, key, { most: 256, ...rule });
    return items.flatMap((item, index) => {
      if (typeof item === 'string') return [this.fit(item, `${base}${key}[${index}]`, rule.maxLength ?? 2048)];
      this.note(`${base}${key}[${index}]`, 'wrong-type', `is ${typeName(item)}, not a text`);
      return [];
    });
  }

  /** A text that is a number is taken, which is a fault that is got over. */
  number(
    from: JsonObject,
    base: string,
    key: string,
    range: { readonly min: number; readonly max: number },
  ): number | null {
    const value = own(from, key);
    if (value === undefined || value === null || value === '') return null;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      this.note(base + key, 'wrong-type', `is ${typeName(value)}, not a number`);
      return null;
    }
    if (typeof value === 'string') this.note(base + key, 'wrong-type', 'is a text, not a number');
    if (number >= range.min && number <= range.max) return number;
    this.note(base + key, 'invalid', `is not between ${range.min} and ${range.max}`);
    return null;
  }

  boolean(from: JsonObject, base: string, key: string): boolean | null {
    const value = own(from, key);
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
    this.note(base + key, 'wrong-type', `is ${typeName(value)}, not true or false`);
    return null;
  }

  private fit(text: string, path: string, maxLength: number): string {
    const clean = cleanText(text);
    if (clean !== text) this.note(path, 'invalid', 'has characters that are no text');
    if (clean.length <= maxLength) return clean;
    this.note(path, 'invalid', `is longer than ${maxLength} characters and was cut`);
    return clean.slice(0, maxLength).toWellFormed();
  }

  private missing(path: string, value: unknown, { isRequired = false, isFatal = false }: FieldRule): null {
    if (isRequired) {
      const problem = value === null ? 'is null' : value === '' ? 'is empty' : 'is missing';
      this.note(path, 'missing', problem, { isFatal });
    }
    return null;
  }
}

const MOST_FAULTS = 100;

/** An own property only: a document without `constructor` has none. */
export function own(from: JsonObject, key: string): unknown {
  return Object.hasOwn(from, key) ? from[key] : undefined;
}

export function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'an object';
}
