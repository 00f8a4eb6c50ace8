export { BatchedLookup, type BatchedLookupOptions } from './batched-lookup.js';
export { CachedLookup, type CachedLookupOptions } from './cached-lookup.js';
export {
  Database,
  type DatabaseOptions,
  type DatabaseSchema,
  type EntityClass,
  type MigrationClass,
} from './database.js';
export {
  DatabaseContentionError,
  DatabaseRefusedError,
  DatabaseTooOldError,
  DatabaseUnavailableError,
  ForeignKeyViolationError,
  InvalidTextError,
  UniqueViolationError,
} from './database.errors.js';
export { CreateOutbox1764000000000 } from './migrations/create-outbox.migration.js';
export { Outbox, type OutboxEvent, type OutboxObserver } from './outbox.js';
export { Transaction, type PreparedStatement, type Queryable, type SqlValue } from './transaction.js';
export { UnitOfWork } from './unit-of-work.js';
export { connectWhenReady, schemaReady, whenAvailable, type StartUpOptions } from './start-up.js';
