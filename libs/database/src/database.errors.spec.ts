import { AppError } from '@breakwater/errors';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import {
  DatabaseRefusedError,
  DatabaseUnavailableError,
  databaseErrorOf,
  errorOfWork,
  ForeignKeyViolationError,
  InvalidTextError,
  UniqueViolationError,
} from './database.errors.js';

const raised = (code: string, rest: object = {}): Error => Object.assign(new Error('of the server'), { code, ...rest });

describe('what PostgreSQL or its driver throws', () => {
  it.each(['08006', '08P01', '53100', '53300', '57014', '57P01', '57P02', '57P03', '57P05', '58030', '25006', '25P03'])(
    'is unavailable with SQLSTATE %s',
    (state) => {
      expect(databaseErrorOf(raised(state))).toMatchObject({ name: DatabaseUnavailableError.name });
      expect(databaseErrorOf(new QueryFailedError('SELECT 1', [], raised(state)))).toMatchObject({
        name: DatabaseUnavailableError.name,
      });
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EMFILE'])(
    'is unavailable with %s of the system',
    (code) => expect(databaseErrorOf(raised(code))).toMatchObject({ name: DatabaseUnavailableError.name }),
  );

  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client was closed and is not queryable',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'Driver not Connected',
    'Received unexpected readyForQuery message from backend.',
  ])('is unavailable where the driver says: %s', (message) => {
    expect(databaseErrorOf(new Error(message))).toMatchObject({ name: DatabaseUnavailableError.name });
  });

  it('is unavailable where TypeORM has given the connection back, and where the plan is of before a migration', () => {
    const errors = [new QueryRunnerAlreadyReleasedError(), raised('0A000', { routine: 'RevalidateCachedQuery' })];
    for (const error of errors) expect(databaseErrorOf(error)).toMatchObject({ name: DatabaseUnavailableError.name });
  });

  it.each([
    raised('28P01'),
    raised('28000'),
    raised('3D000'),
    raised('CERT_HAS_EXPIRED'),
    raised('ERR_TLS_CERT_ALTNAME_INVALID'),
    new Error('The server does not support SSL connections'),
    new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
  ])('does not let us in: %s', (error) => {
    expect(databaseErrorOf(error)).toMatchObject({ name: DatabaseRefusedError.name, kind: 'unavailable' });
  });

  it.each([
    ['23505', UniqueViolationError.name],
    ['23503', ForeignKeyViolationError.name],
    ['23001', ForeignKeyViolationError.name],
    ['22021', InvalidTextError.name],
    ['22P05', InvalidTextError.name],
  ])('has a word of its own for %s', (state, name) => expect(databaseErrorOf(raised(state))).toMatchObject({ name }));

  it.each([
    raised('42601'),
    raised('25P02'),
    raised('XX000'),
    raised('0A000'),
    raised('ERR_INVALID_ARG_TYPE'),
    new TypeError('x is not a function'),
    null,
    'text',
  ])('is our own mistake, and stays what it is: %s', (error) => expect(databaseErrorOf(error)).toBe(error));

  it('of other code is not taken for the database', () => {
    const missingFile = raised('ENOENT');
    expect(errorOfWork(missingFile)).toBe(missingFile);
    expect(errorOfWork(new QueryFailedError('SELECT 1', [], raised('ENOENT')))).toBeInstanceOf(AppError);
  });
});
