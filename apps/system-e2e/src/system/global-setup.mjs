// Starts one installation for all end-to-end suites, exactly as `npm start` does, on a free port and a new data folder.
// Plain JavaScript: jest loads it before any transform.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const home = resolve(import.meta.dirname, '../../../..');
const READY_WITHIN_MS = 120_000;

export default async function setUp() {
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-e2e-'));
  const port = await freePort();
  const password = `Pw1${randomBytes(12).toString('hex')}`;
  const log = join(directory, 'start.log');
  const child = spawn(process.execPath, ['--enable-source-maps', join(home, 'deploy/local/dist/main.js'), 'start'], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      BREAKWATER_PORT: String(port),
      BREAKWATER_DATA_DIR: join(directory, 'data'),
      BREAKWATER_ADMIN_PASSWORD: password,
      BREAKWATER_PUBLIC_URL: `http://127.0.0.1:${port}`,
    },
  });
  const output = createWriteStream(log);
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  globalThis.breakwaterInstallation = { child, directory };
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child, log);
  process.env.BREAKWATER_E2E_URL = url;
  process.env.BREAKWATER_E2E_ADMIN_PASSWORD = password;
  process.env.BREAKWATER_E2E_DATA_DIR = join(directory, 'data');
}

async function ready(url, child, log) {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/api/v2.0/ping`).catch(() => null);
    if (answer?.status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the installation did not start:\n${readFileSync(log, 'utf8')}`);
    await delay(100);
  }
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
