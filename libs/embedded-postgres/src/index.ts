export {
  PostgresAlreadyRunningError,
  PostgresFolderError,
  PostgresNoSpaceError,
  PostgresPlatformError,
  PostgresPortInUseError,
  PostgresStartError,
  PostgresVersionError,
} from './errors.js';
export { stopRunningPostgres } from './stop-running-postgres.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type PostgresExit,
} from './start-embedded-postgres.js';
