// npm run bench: us beside other registries on the same machine in the same run. Rounds are interleaved and medians
// compared, because machines are noisy; nothing here passes or fails. Writes docs/operations/performance.md with --write.
// npm run bench -- <part>: what no registry beside us does: jobs, the relay, webhooks, a scan of everything.
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { report } from './report.mjs';
import { memoryUnderLoad, scenarios } from './scenarios.mjs';
import { startOurs, startPeer, startS3 } from './servers.mjs';

const BY_HAND = '<!-- From here on written by hand. -->';
const PARTS = ['jobs', 'relay', 'webhooks', 'scan-all'];
const [part] = process.argv.slice(2);
if (PARTS.includes(part)) {
  process.argv.splice(2, 1);
  await import(`./${part}.mjs`);
  process.exit();
}

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    write: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(`npm run bench -- [--only <words of a scenario>] [--rounds N] [--memory] [--write]\n
  --memory   also the resident memory under 8 pushes and 8 pulls of 1 GiB
  --write    puts the report into docs/operations/performance.md\n
npm run bench -- ${PARTS.join('|')}   without a peer: what these are is at the head of tools/bench/<part>.mjs\n
Scenarios:\n${scenarios.map(({ name }) => `  ${name}`).join('\n')}`);
  process.exit(0);
}

const directory = mkdtempSync(join(process.env.BREAKWATER_BENCH_DIR ?? tmpdir(), 'breakwater-bench-'));
const chosen = scenarios.filter(({ name }) => !values.only || name.includes(values.only));
const servers = [];
const results = { machine: machine(), servers: [], scenarios: [], memory: null, ready: null };
try {
  const first = await startOurs(directory);
  await first.stop();
  const ours = await startOurs(directory);
  servers.push(ours);
  results.ready = { firstSeconds: first.readySeconds, secondSeconds: ours.readySeconds };
  for (const name of ['distribution-registry', 'docker-registry']) {
    const peer = await startPeer(name, directory);
    if (peer) servers.push(peer);
  }
  results.servers = servers.map(({ name, version }) => ({ name, version }));
  const cache = new Map();
  for (const scenario of chosen) {
    const rounds = new Map(servers.map((server) => [server.name, []]));
    // One round that does not count: a registry runs for weeks, and compiles what it does often.
    for (const server of servers) await scenario.run(server, directory, cache);
    for (let round = 0; round < Number(values.rounds ?? scenario.rounds); round++)
      for (const server of servers) {
        const result = await scenario.run(server, directory, cache);
        rounds.get(server.name).push(result);
        process.stdout.write(
          `${scenario.name} · ${server.name} · ${(result.units / result.seconds).toFixed(0)} ${scenario.unit}/s\n`,
        );
      }
    results.scenarios.push({ name: scenario.name, unit: scenario.unit, rounds: Object.fromEntries(rounds) });
  }
  if (values.memory) results.memory = [{ storage: 'a folder', ...(await memoryUnderLoad(ours, directory)) }];
} finally {
  for (const server of servers) await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
if (values.memory) await addMemoryOnS3(results.memory);
const text = report(results);
console.log(`\n${text}`);
if (values.write) await write(join(root, 'docs/operations/performance.md'), text);

/** Puts the report before what people wrote about it, which stays as it is. */
async function write(path, measured) {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const byHand = before.includes(BY_HAND) ? before.slice(before.indexOf(BY_HAND)) : `${BY_HAND}\n`;
  const options = { ...(await resolveConfig(path)), filepath: path };
  writeFileSync(path, await format(`${measured}\n${byHand}`, options));
}

async function addMemoryOnS3(memory) {
  const folder = mkdtempSync(join(process.env.BREAKWATER_BENCH_DIR ?? tmpdir(), 'breakwater-bench-'));
  const s3 = await startS3(folder);
  try {
    if (s3 === null) return;
    const ours = await startOurs(folder, s3.settings);
    memory.push({ storage: 'S3 (versitygw)', ...(await memoryUnderLoad(ours, folder).finally(() => ours.stop())) });
  } finally {
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function machine() {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
}
