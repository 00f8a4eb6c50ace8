import 'reflect-metadata';
import { runApp } from '@breakwater/process';
import { WebhookConfig } from './webhook.config.js';
import { startWebhook } from './start-webhook.js';

await runApp({ name: 'webhook', config: WebhookConfig, start: startWebhook });
