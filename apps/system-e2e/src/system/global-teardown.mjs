import { once } from 'node:events';
import { rmSync } from 'node:fs';

export default async function tearDown() {
  const installation = globalThis.breakwaterInstallation;
  if (!installation) return;
  const { child, directory } = installation;
  if (child.exitCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  if (process.env.BREAKWATER_E2E_KEEP !== '1') rmSync(directory, { recursive: true, force: true });
}
