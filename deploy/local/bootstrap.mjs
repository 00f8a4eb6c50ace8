// The door of every npm script. Runs on the machine's own Node (20 or newer) with nothing installed yet:
// installs what the lockfile says, builds what changed, then hands over to the project's own Node.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
// Not import.meta.dirname, which a Node that is too old to be told so does not have.
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const cache = join(root, '.cache');
const projectNode = join(root, 'node_modules/node/bin/node');

/** What each npm script runs, once the house is installed and built. */
const commands = {
  start: { build: true, run: ['deploy/local/dist/main.js', 'start'] },
  stop: { build: true, run: ['deploy/local/dist/main.js', 'stop'] },
  reset: { build: true, run: ['deploy/local/dist/main.js', 'reset'] },
  audit: { build: true, run: ['deploy/local/dist/main.js', 'audit'] },
  seed: { build: true, run: ['tools/seed/seed.mjs'] },
  bench: { build: true, run: ['tools/bench/bench.mjs'] },
  check: { build: true, run: ['tools/check.mjs'] },
  test: { build: true, run: ['tools/test.mjs'] },
};

const [name = 'start', ...rest] = process.argv.slice(2);
const command = commands[name] ?? fail(`unknown command ${name}; known: ${Object.keys(commands).join(', ')}`);
checkMachine();
install();
if (command.build) build();
handOver();

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 11))
    fail(`Node 20.11 or newer is needed to start; this is ${process.versions.node}.`);
  if (process.platform !== 'linux')
    fail(`Breakwater runs on Linux; this is ${process.platform}. Use the compose file or the chart.`);
}

function install() {
  const wanted = fingerprint(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']);
  const stamp = join(cache, 'installed');
  if (existsSync(projectNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  step('Installing packages (once; a minute or less)', 'install.log', 'npx', [
    '-y',
    PNPM,
    'install',
    '--frozen-lockfile',
  ]);
  writeFileSync(stamp, wanted);
}

function build() {
  const wanted = newestSource();
  const stamp = join(cache, 'built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(join(root, 'deploy/local/dist')))
    return;
  step('Building', 'build.log', join(root, 'node_modules/.bin/nx'), ['run-many', '-t', 'build']);
  writeFileSync(stamp, wanted);
}

function handOver() {
  const child = spawn(projectNode, ['--enable-source-maps', ...command.run, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: projectEnvironment(),
  });
  // npm passes signals to us only; a terminal sends them to the child as well, which takes a second one calmly.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** The project's own Node and programs come first. */
function projectEnvironment() {
  const own = [join(root, 'node_modules/node/bin'), join(root, 'node_modules/.bin')];
  return { ...process.env, PATH: [...own, process.env.PATH].join(delimiter) };
}

/** Runs one preparation; its output goes to a file that is shown only when it fails. */
function step(title, logName, program, args) {
  mkdirSync(cache, { recursive: true });
  const log = join(cache, logName);
  const began = Date.now();
  process.stdout.write(`• ${title} … `);
  const out = openSync(log, 'w');
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', out, out],
    env: { ...projectEnvironment(), NX_DAEMON: 'false', NX_TUI: 'false', CI: 'true' },
  });
  if (result.status !== 0) {
    process.stdout.write('failed\n');
    const tail = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-25).join('\n') : '';
    fail(
      `${tail}\n\n${title} failed${result.error ? `: ${result.error.message}` : ''}. The whole output is in .cache/${logName}.`,
    );
  }
  process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Number and newest change of all source files: a look of some milliseconds instead of a build that finds nothing. */
function newestSource() {
  let newest = 0;
  let count = 0;
  const visit = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist') continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) visit(path);
      else {
        count++;
        newest = Math.max(newest, statSync(path).mtimeMs);
      }
    }
  };
  for (const directory of ['apps', 'libs', 'deploy/local']) visit(join(root, directory));
  return `${count} ${newest}`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
