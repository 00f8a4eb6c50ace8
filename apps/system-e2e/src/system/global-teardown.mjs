import { rmSync } from 'node:fs';

export default async function tearDown() {
  const own = globalThis.breakwaterInstallation;
  if (!own) return;
  await own.installation.stop();
  if (process.env.BREAKWATER_E2E_KEEP === '1') console.log(`kept: ${own.directory}`);
  else rmSync(own.directory, { recursive: true, force: true });
}
