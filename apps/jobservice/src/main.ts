import 'reflect-metadata';
import { runApp } from '@breakwater/process';
import { JobserviceConfig } from './jobservice.config.js';
import { startJobservice } from './start-jobservice.js';

await runApp({ name: 'jobservice', config: JobserviceConfig, start: startJobservice });
