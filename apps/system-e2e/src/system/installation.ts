/** The installation that the global set-up started. */
export interface InstallationUnderTest {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** `127.0.0.1:port`, as clients name a registry. */
  readonly registry: string;
  readonly adminPassword: string;
  readonly dataDirectory: string;
}

export function installation(): InstallationUnderTest {
  const url = required('BREAKWATER_E2E_URL');
  return {
    url,
    registry: new URL(url).host,
    adminPassword: required('BREAKWATER_E2E_ADMIN_PASSWORD'),
    dataDirectory: required('BREAKWATER_E2E_DATA_DIR'),
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run the suite with npm test, or jest --selectProjects e2e`);
  return value;
}
