/** What jest's set-up and the machine tell the suites: the only place here that reads the environment. */
export const e2eConfig = {
  /** Where the installation that all suites share is; set by the global set-up, or by hand for one that runs already. */
  url: (): string => required('BREAKWATER_E2E_URL'),
  adminPassword: (): string => required('BREAKWATER_E2E_ADMIN_PASSWORD'),
  dataDirectory: (): string => required('BREAKWATER_E2E_DATA_DIR'),
  toolsDirectory: (): string | undefined => process.env['BREAKWATER_TOOLS_DIR'],
  searchPath: (): string => process.env['PATH'] ?? '',
  /** For programs that the suites start. */
  inherited: (): NodeJS.ProcessEnv => process.env,
};

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run the suite with npm test, or jest --selectProjects e2e`);
  return value;
}
