import { describe, expect, it } from '@jest/globals';
import { createLogger, type Logger } from './logger.js';
import { NestLogger } from './nest-logger.js';
import { currentRequestId, requestIdFrom, runInContext } from './request-context.js';

describe('Logger', () => {
  it('writes one JSON object per line, with the fields of the context and no secret', async () => {
    const { logger, lines } = aLogger('info');
    await runInContext({ requestId: 'r-1' }, async () => {
      await Promise.resolve();
      runInContext({ taskId: 7 }, () => logger.with({ feature: 'gc' }).info('collected', { count: 3, token: 'abc' }));
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      app: 'registry',
      message: 'collected',
      feature: 'gc',
      requestId: 'r-1',
      taskId: 7,
      count: 3,
      token: '[redacted]',
    });
  });

  it('keeps its level', () => {
    const { logger, lines } = aLogger('warn');
    logger.info('quiet');
    logger.error('loud', { error: new TypeError('broken') });
    expect(lines).toMatchObject([{ message: 'loud', error: { type: 'TypeError', message: 'broken' } }]);
  });
});

describe('NestLogger', () => {
  it('keeps errors with their stack, names the context and puts chatter down to debug', () => {
    const { logger, lines } = aLogger('info');
    const nest = new NestLogger(logger);
    nest.log('AppModule dependencies initialized', 'InstanceLoader');
    nest.log('started', 'NestApplication');
    nest.error(new Error('boom'), undefined, 'ExceptionsHandler');
    expect(lines).toMatchObject([
      { level: 'info', message: 'started', context: 'NestApplication' },
      { level: 'error', message: 'boom', context: 'ExceptionsHandler', error: { stack: expect.any(String) } },
    ]);
  });
});

describe('requestIdFrom', () => {
  it('keeps a harmless id of the caller', () => {
    expect(requestIdFrom('3f2a-B.c:1')).toBe('3f2a-B.c:1');
    expect(requestIdFrom(['first', 'second'])).toBe('first');
  });

  it.each([undefined, '', ' ', 'a b', 'x\n{"level":"info"}', 'x'.repeat(129), '-x'])(
    'makes one instead of %j',
    (given) => {
      expect(requestIdFrom(given)).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('is unknown outside of a request', () => {
    expect(currentRequestId()).toBeUndefined();
    expect(runInContext({ requestId: 'r' }, currentRequestId)).toBe('r');
  });
});

function aLogger(level: 'info' | 'warn'): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { logger: createLogger({ level, app: 'registry', destination }), lines };
}
