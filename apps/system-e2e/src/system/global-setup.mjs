// Starts one installation for all end-to-end suites, exactly as `npm start` does, on a free port and a new data folder.
// Plain JavaScript: jest loads it before any transform. BREAKWATER_E2E_URL and its companions name one that runs already.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstallation } from './start-installation.ts';

export default async function setUp() {
  if (process.env.BREAKWATER_E2E_URL) return;
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-e2e-'));
  const installation = await startInstallation({ dataDirectory: join(directory, 'data'), inherited: process.env });
  globalThis.breakwaterInstallation = { installation, directory };
  process.env.BREAKWATER_E2E_URL = installation.url;
  process.env.BREAKWATER_E2E_ADMIN_PASSWORD = installation.adminPassword;
  process.env.BREAKWATER_E2E_DATA_DIR = installation.dataDirectory;
}
