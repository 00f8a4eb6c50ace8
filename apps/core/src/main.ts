import 'reflect-metadata';
import { runApp } from '@breakwater/process';
import { CoreConfig } from './core.config.js';
import { startCore } from './start-core.js';

await runApp({ name: 'core', config: CoreConfig, start: startCore });
