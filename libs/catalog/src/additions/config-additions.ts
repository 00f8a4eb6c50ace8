/** How an image was built, oldest step first, as its config tells. Strangers wrote it: anything else is no history. */
export function buildHistory(config: unknown): readonly unknown[] {
  const history = fieldOf(config, 'history');
  return Array.isArray(history) ? history : [];
}

export interface ChartDependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** What a Helm chart depends on, by its config, which is its `Chart.yaml` as JSON. */
export function chartDependencies(config: unknown): readonly ChartDependency[] {
  const dependencies = fieldOf(config, 'dependencies');
  if (!Array.isArray(dependencies)) return [];
  return dependencies.map((each) => ({
    name: textOf(each, 'name'),
    version: textOf(each, 'version'),
    repository: textOf(each, 'repository'),
  }));
}

function textOf(value: unknown, key: string): string {
  const text = fieldOf(value, key);
  return typeof text === 'string' ? text : '';
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
