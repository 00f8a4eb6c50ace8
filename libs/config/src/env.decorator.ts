import 'reflect-metadata';
import type { ParsedValue, ValueType } from './parse-value.js';

export interface EnvOptions {
  /** One sentence for the reference: what it does, and when one would change it. */
  readonly describe: string;
  /**
   * In the units of the property (seconds, bytes). `null` makes the variable optional: the property is then null.
   * Without a default the variable is required.
   */
  readonly default?: ParsedValue | null;
  /** Read from the file that `<name>_FILE` names, if that is set; never shown. */
  readonly secret?: boolean;
  /** For the reference. Never a usable secret. */
  readonly example?: string;
  /** Left out: by the TypeScript type of the property (string, number → integer, boolean). */
  readonly type?: ValueType;
}

/** A variable, as its property declares it. */
export interface EnvVariable extends EnvOptions {
  readonly name: string;
  readonly property: string;
  readonly type: ValueType;
}

/** A property that holds settings which several processes share. */
export interface ConfigFragment {
  readonly property: string;
  readonly fragment: ConfigClass;
}

/** A class of settings. `section` is its heading in the reference. */
export type ConfigClass<T extends object = object> = (new () => T) & { readonly section?: string };

/**
 * Reads a property from the environment.
 *
 * @example
 * @Env('BREAKWATER_GC_INTERVAL_SECONDS', { describe: 'Pause between two rounds.', default: 60, type: 'seconds' })
 * @Min(1)
 * readonly intervalSeconds!: number;
 */
export function Env(name: string, options: EnvOptions): PropertyDecorator {
  return (target, property) => {
    const type = options.type ?? inferType(target, property, name);
    append(VARIABLES, target, { ...options, name, property: String(property), type });
  };
}

/** Embeds another class of settings: the class is the TypeScript type of the property. */
export function Fragment(): PropertyDecorator {
  return (target, property) => {
    const fragment = Reflect.getMetadata('design:type', target, property) as ConfigClass;
    append(FRAGMENTS, target, { property: String(property), fragment });
  };
}

/** Variables of the class itself and of those it extends, in the order of their declaration. */
export function variablesOf(config: ConfigClass): readonly EnvVariable[] {
  return (Reflect.getMetadata(VARIABLES, config.prototype as object) ?? []) as EnvVariable[];
}

export function fragmentsOf(config: ConfigClass): readonly ConfigFragment[] {
  return (Reflect.getMetadata(FRAGMENTS, config.prototype as object) ?? []) as ConfigFragment[];
}

/** Those of its fragments included. */
export function allVariablesOf(config: ConfigClass): readonly EnvVariable[] {
  return [...variablesOf(config), ...fragmentsOf(config).flatMap(({ fragment }) => allVariablesOf(fragment))];
}

const VARIABLES = Symbol('config variables');
const FRAGMENTS = Symbol('config fragments');

function append(key: symbol, target: object, entry: EnvVariable | ConfigFragment): void {
  // getMetadata also sees what a parent class declared; a new array keeps the parent's own list as it is.
  const before = (Reflect.getMetadata(key, target) ?? []) as object[];
  Reflect.defineMetadata(key, [...before, entry], target);
}

function inferType(target: object, property: string | symbol, name: string): ValueType {
  const type = Reflect.getMetadata('design:type', target, property) as unknown;
  if (type === String) return 'string';
  if (type === Number) return 'integer';
  if (type === Boolean) return 'boolean';
  throw new TypeError(`@Env('${name}'): say its type, it cannot be told from the property`);
}
