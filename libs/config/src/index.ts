export { ConfigError, UnreadableSecretError, type ConfigFault } from './config.errors.js';
export { describeConfig } from './describe-config.js';
export { Env, Fragment, type ConfigClass, type EnvOptions } from './env.decorator.js';
export { loadConfig, type Environment } from './load-config.js';
export type { ParsedValue, ValueType } from './parse-value.js';
export { SecretBox } from './secret-box.js';
export { IsAddressRanges, IsAddressRangesOrHosts, IsUrlWith } from './validators.js';

export { DatabaseConfig } from './fragments/database.config.js';
export { GarbageCollectionConfig } from './fragments/garbage-collection.config.js';
export { JobsConfig } from './fragments/jobs.config.js';
export { httpConfig, type HttpConfig } from './fragments/http.config.js';
export { LogConfig, LOG_LEVELS, type LogLevel } from './fragments/log.config.js';
export { NatsConfig } from './fragments/nats.config.js';
export { OutboundConfig, type OutboundSettings } from './fragments/outbound.config.js';
export { PublicUrlConfig } from './fragments/public-url.config.js';
export { SecretKeyConfig } from './fragments/secret-key.config.js';
export { ShutdownConfig } from './fragments/shutdown.config.js';
export { StorageConfig, type StorageOptions } from './fragments/storage.config.js';
