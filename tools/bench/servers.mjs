// The registries that are measured beside each other: ours as npm start runs it, with authentication and
// database; the peers as they come, without authentication, on a folder of the same disk.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, processTree } from './cpu.mjs';

const root = resolve(import.meta.dirname, '../..');
const PASSWORD = 'Bench-passw0rd';

/** @param settings  environment beyond the usual, e.g. of S3. */
export async function startOurs(directory, settings = {}) {
  const port = await freePort();
  const env = {
    ...process.env,
    BREAKWATER_PORT: String(port),
    BREAKWATER_DATA_DIR: join(directory, 'breakwater'),
    BREAKWATER_ADMIN_PASSWORD: PASSWORD,
    BREAKWATER_PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...settings,
  };
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'deploy/local/dist/main.js'), 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  while (!said.includes('is ready at')) {
    if (child.exitCode !== null) throw new Error(`our installation ended:\n${said}`);
    await delay(20);
  }
  const readySeconds = (performance.now() - began) / 1000;
  const url = `http://127.0.0.1:${port}`;
  const basic = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
  await fetch(`${url}/api/v2.0/projects`, {
    method: 'POST',
    headers: { authorization: basic, 'content-type': 'application/json' },
    body: JSON.stringify({ project_name: 'bench' }),
  });
  const registry = () =>
    processTree(child.pid).filter((pid) => commandLine(pid).includes('apps/registry/dist/main.js'));
  return {
    name: 'breakwater',
    version: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim(),
    url,
    basic,
    readySeconds,
    /** Everything that serves: registry, core, PostgreSQL, NATS, supervisor. */
    pids: () => processTree(child.pid),
    registryPid: () => registry()[0],
    async authorization() {
      const scope = 'repository:bench/app:pull,push';
      const answer = await fetch(`${url}/service/token?service=harbor-registry&scope=${encodeURIComponent(scope)}`, {
        headers: { authorization: basic },
      });
      return `Bearer ${(await answer.json()).token}`;
    },
    stop: () => stop(child),
  };
}

/** An S3 server over a folder. @returns the settings with which ours uses it; null when it is not on this machine. */
export async function startS3(directory) {
  const program = findProgram('versitygw');
  if (!program) {
    console.log('left out: versitygw is not on this machine (.ci/install-tools)');
    return null;
  }
  const port = await freePort();
  const folder = join(directory, 's3');
  mkdirSync(join(folder, 'blobs'), { recursive: true });
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', 'posix', folder], {
    stdio: 'ignore',
    env: { ROOT_ACCESS_KEY: 'bench', ROOT_SECRET_KEY: PASSWORD },
  });
  await answering(`http://127.0.0.1:${port}/`);
  return {
    settings: {
      BREAKWATER_STORAGE_DRIVER: 's3',
      BREAKWATER_S3_BUCKET: 'blobs',
      BREAKWATER_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      BREAKWATER_S3_FORCE_PATH_STYLE: 'true',
      BREAKWATER_S3_ACCESS_KEY_ID: 'bench',
      BREAKWATER_S3_SECRET_ACCESS_KEY: PASSWORD,
    },
    stop: () => stop(child),
  };
}

/** @returns null, with a word why, when the peer is not on this machine. */
export async function startPeer(name, directory) {
  const program = findProgram(name);
  if (!program) {
    console.log(`left out: ${name} is not on this machine (.ci/install-tools)`);
    return null;
  }
  const port = await freePort();
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}, cache: {blobdescriptor: inmemory}}
http: {addr: "127.0.0.1:${port}", secret: bench}
`,
  );
  const child = spawn(program, ['serve', config], {
    stdio: 'ignore',
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/v2/`);
  return {
    name,
    version: spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim().split(' ').at(-1),
    url,
    pids: () => [child.pid],
    registryPid: () => child.pid,
    authorization: async () => null,
    stop: () => stop(child),
  };
}

function findProgram(name) {
  const places = [join(process.env.BREAKWATER_TOOLS_DIR ?? join(root, '.tools'), 'bin'), '/usr/bin', '/usr/local/bin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null;
}

async function answering(url) {
  for (let tries = 0; tries < 500; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await delay(20);
  }
  throw new Error(`${url} does not answer`);
}

async function stop(child) {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
