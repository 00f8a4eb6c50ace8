import type { CheckResult } from '@breakwater/observability';
import { ListField, TextField } from '../../rest/fields.decorator.js';

export class ComponentHealthResponse {
  @TextField() name!: string;
  @TextField({ description: '`healthy` or `unhealthy`.' }) status!: string;
  @TextField({ description: 'Since when it has been unhealthy. The reason is in the log.' }) error?: string;
}

export class HealthResponse {
  @TextField({ description: '`unhealthy` as soon as one component is.' }) status!: string;
  @ListField(() => ComponentHealthResponse) components!: ComponentHealthResponse[];

  /** Core itself is healthy: it answers. */
  static of(checks: readonly CheckResult[]): HealthResponse {
    const components = [{ name: 'core', status: 'healthy' }, ...checks.map(componentOf)];
    const isHealthy = components.every(({ status }) => status === 'healthy');
    return {
      status: isHealthy ? 'healthy' : 'unhealthy',
      components: components.sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }
}

function componentOf({ name, status, since }: CheckResult): ComponentHealthResponse {
  if (status === 'ok') return { name, status: 'healthy' };
  const error = status === 'unknown' ? 'unknown status' : `does not answer since ${since}`;
  return { name, status: 'unhealthy', error };
}
