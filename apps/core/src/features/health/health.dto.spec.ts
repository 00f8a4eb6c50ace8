import { describe, expect, it } from '@jest/globals';
import { HealthResponse } from './health.dto.js';

const since = '2026-01-31T10:00:00.000Z';
const check = (name: string, status: 'ok' | 'failing' | 'unknown') => ({ name, status, since, isRequired: true });

describe('HealthResponse', () => {
  it('is healthy when every part is, sorted by name', () => {
    expect(HealthResponse.of([check('registry', 'ok'), check('database', 'ok')])).toEqual({
      status: 'healthy',
      components: [
        { name: 'core', status: 'healthy' },
        { name: 'database', status: 'healthy' },
        { name: 'registry', status: 'healthy' },
      ],
    });
  });

  it('is unhealthy with one part that fails or that nobody has asked yet', () => {
    expect(HealthResponse.of([check('database', 'failing')])).toMatchObject({
      status: 'unhealthy',
      components: [
        { name: 'core' },
        { name: 'database', status: 'unhealthy', error: `does not answer since ${since}` },
      ],
    });
    expect(HealthResponse.of([check('nats', 'unknown')])).toMatchObject({ status: 'unhealthy' });
  });
});
