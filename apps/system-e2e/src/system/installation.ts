import { e2eConfig } from './e2e.config.js';

/** An installation as its clients know it. */
export interface InstallationUnderTest {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** `127.0.0.1:port`, as clients name a registry. */
  readonly registry: string;
  readonly adminPassword: string;
  readonly dataDirectory: string;
}

/** The installation that the global set-up started. */
export function installation(): InstallationUnderTest {
  return {
    ...asUnderTest(e2eConfig.url()),
    adminPassword: e2eConfig.adminPassword(),
    dataDirectory: e2eConfig.dataDirectory(),
  };
}

export function asUnderTest(url: string): { readonly url: string; readonly registry: string } {
  return { url, registry: new URL(url).host };
}
