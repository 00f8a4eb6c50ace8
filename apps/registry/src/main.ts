import 'reflect-metadata';
import { runApp } from '@breakwater/process';
import { RegistryConfig } from './registry.config.js';
import { startRegistry } from './start-registry.js';

await runApp({ name: 'registry', config: RegistryConfig, start: startRegistry });
