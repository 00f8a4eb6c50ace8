import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { ConfigError, type ConfigFault } from './config.errors.js';
import { allVariablesOf, fragmentsOf, variablesOf, type ConfigClass, type EnvVariable } from './env.decorator.js';
import { findMisspelled } from './misspelled.js';
import { parseValue, UnparsableValueError, type ParsedValue } from './parse-value.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a process, once, when it starts. An empty variable counts as not set.
 *
 * @param warn  told about `BREAKWATER_…` names that nobody reads but that look like one that somebody does.
 * @throws ConfigError with every fault, by name and never by value.
 */
export function loadConfig<T extends object>(
  config: ConfigClass<T>,
  env: Environment = process.env,
  warn: (text: string) => void = (text) => process.emitWarning(text, 'ConfigWarning'),
): T {
  const faults: ConfigFault[] = [];
  const loaded = load(config, env, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  const known = allVariablesOf(config).flatMap(({ name, secret }) => (secret ? [name, fileVariable(name)] : [name]));
  for (const { name, meant } of findMisspelled(Object.keys(env), known))
    warn(`${name} is not a setting of this process: did you mean ${meant}?`);
  return loaded;
}

function load<T extends object>(config: ConfigClass<T>, env: Environment, faults: ConfigFault[]): T {
  const settings = new config();
  const values = settings as Record<string, unknown>;
  const variables = new Map(variablesOf(config).map((variable) => [variable.property, variable]));
  const unreadable = new Set<string>();
  for (const variable of variables.values()) {
    try {
      values[variable.property] = read(variable, env);
    } catch (error) {
      if (!(error instanceof UnparsableValueError)) throw error;
      unreadable.add(variable.property);
      faults.push({ name: variable.name, problem: error.message });
    }
  }
  for (const { property, fragment } of fragmentsOf(config)) values[property] = load(fragment, env, faults);

  for (const { property, constraints = {} } of validateSync(settings, { forbidUnknownValues: false })) {
    const variable = variables.get(property);
    if (unreadable.has(property)) continue;
    for (const message of Object.values(constraints))
      faults.push({ name: variable?.name ?? property, problem: withoutName(message, property) });
  }
  return Object.freeze(settings);
}

function read(variable: EnvVariable, env: Environment): ParsedValue | null {
  const text = variable.secret ? readSecret(variable.name, env) : env[variable.name];
  if (text) return parseValue(variable.type, text);
  if (variable.default === undefined) throw new UnparsableValueError('is required');
  return variable.default;
}

/** Container platforms mount secrets as files, which neither `ps` nor a crash report of the environment shows. */
function readSecret(name: string, env: Environment): string | undefined {
  const path = env[fileVariable(name)];
  if (!path) return env[name];
  if (env[name]) throw new UnparsableValueError(`and ${fileVariable(name)} are both set: set one`);
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new UnparsableValueError(`cannot be read from the file that ${fileVariable(name)} names (${code})`);
  }
}

function fileVariable(name: string): string {
  return `${name}_FILE`;
}

/** class-validator starts its messages with the name of the property. */
function withoutName(message: string, property: string): string {
  return message.replace(new RegExp(`^(each value in )?${property} `), '$1');
}
