import { fragmentsOf, variablesOf, type ConfigClass, type EnvVariable } from './env.decorator.js';
import { VALUE_SYNTAX } from './parse-value.js';

/**
 * The reference of all settings as Markdown: one section per class, fragments that processes share listed once
 * with the processes that read them.
 *
 * @param processes  the configuration class of each process, by the name of the process, e.g. `{ core: CoreConfig }`.
 */
export function describeConfig(processes: Readonly<Record<string, ConfigClass>>): string {
  const readers = new Map<ConfigClass, string[]>();
  for (const [name, config] of Object.entries(processes))
    for (const part of partsOf(config)) readers.set(part, [...(readers.get(part) ?? []), name]);
  return [...readers]
    .filter(([part]) => variablesOf(part).length > 0)
    .map(([part, names]) => section(part.section ?? names.join(', '), names, variablesOf(part)))
    .join('\n');
}

function partsOf(config: ConfigClass): ConfigClass[] {
  return [config, ...fragmentsOf(config).flatMap(({ fragment }) => partsOf(fragment))];
}

function section(title: string, readers: readonly string[], variables: readonly EnvVariable[]): string {
  return [
    `## ${title}`,
    '',
    `Read by ${readers.join(', ')}.`,
    '',
    '| Variable | Value | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...variables.map(row),
    '',
  ].join('\n');
}

function row(variable: EnvVariable): string {
  const names = variable.secret ? `\`${variable.name}\` or \`${variable.name}_FILE\`` : `\`${variable.name}\``;
  const example = variable.example === undefined ? '' : `, e.g. \`${variable.example}\``;
  const cells = [names, VALUE_SYNTAX[variable.type] + example, shownDefault(variable), variable.describe];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function shownDefault({ default: value }: EnvVariable): string {
  if (value === undefined) return '**required**';
  if (value === null) return 'not set';
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? 'empty' : `\`${text}\``;
}
