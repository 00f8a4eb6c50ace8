/**
 * What the main process of jest tells its workers. The only place of this lib that reads the environment.
 */
export const VARIABLE = {
  postgresUrl: 'BREAKWATER_TEST_POSTGRES_URL',
  natsUrl: 'BREAKWATER_TEST_NATS_URL',
  natsProgram: 'BREAKWATER_TEST_NATS_PROGRAM',
  directory: 'BREAKWATER_TEST_DIRECTORY',
} as const;

/** @throws Error outside of the `integration` project, whose globalSetup sets them. */
export function fromSetup(name: keyof typeof VARIABLE): string {
  const value = findFromSetup(name);
  if (value === undefined)
    throw new Error(
      `${VARIABLE[name]} is not set: the file must be named x.int-spec.ts, and its server be on this machine`,
    );
  return value;
}

export function findFromSetup(name: keyof typeof VARIABLE): string | undefined {
  return process.env[VARIABLE[name]];
}

/** Where CI sets it, a suite whose server or tool is missing fails instead of being skipped. */
export function mustRunAll(): boolean {
  return process.env.BREAKWATER_REQUIRE_ALL === '1';
}

/** How much longer than usual property tests run: for soaks. */
export function propertyFactor(): number {
  return Number(process.env.BREAKWATER_PROPERTY_RUNS ?? 1);
}

/** What a failed property has printed, `<seed>` or `<seed>/<path>`, to see it again. */
export function propertyReplay(): string | undefined {
  return process.env.BREAKWATER_PROPERTY_REPLAY;
}

export function executableSearchPath(): string {
  return process.env.PATH ?? '';
}

/** Where CI installs tools, if not in the repository's own .tools. Programs are in its bin. */
export function toolsDirectory(): string | undefined {
  return process.env.BREAKWATER_TOOLS_DIR;
}
