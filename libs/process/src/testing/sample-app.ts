import 'reflect-metadata';
import { Env, Fragment, LogConfig } from '@breakwater/config';
import { runApp } from '../run-app.js';

class SampleConfig {
  @Fragment()
  readonly log!: LogConfig;

  @Env('BREAKWATER_SAMPLE_FAILURE', { describe: 'What fails.', default: 'none' })
  readonly failure!: string;

  @Env('BREAKWATER_SAMPLE_COUNT', { describe: 'A number, to be wrong.', default: 1 })
  readonly count!: number;
}

/** An app that does nothing but start, be there, and stop; or fail at one of these. */
await runApp({
  name: 'sample',
  config: SampleConfig,
  start: async ({ failure }, log, asked) => {
    // Never closed, as a connection that a client keeps open.
    const alive = setInterval(() => undefined, 60_000);
    log.info('starting');
    if (failure === 'start') throw new Error('no start today');
    if (failure === 'wait') {
      await new Promise((_, reject) => {
        asked.addEventListener('abort', () => reject(new Error('not waiting any more')));
      });
    }
    log.info('started');
    return {
      stop: async () => {
        log.info('stopping', { isAlive: alive.hasRef() });
        if (failure === 'stop') throw new Error('no stop today');
        await Promise.resolve();
      },
    };
  },
});
