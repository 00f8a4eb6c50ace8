export { NatsPortInUseError, NatsServerMissingError, NatsServerStartError } from './errors.js';
export { findNatsServer } from './find-nats-server.js';
export { startNatsServer, type NatsServer, type NatsServerExit, type NatsServerOptions } from './start-nats-server.js';
