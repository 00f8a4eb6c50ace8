// Webhooks of a running installation, from the push to the receiver:
//   event to delivery   pushes at a fixed rate, one target: how long until the message is there
//   deliveries          pushes that a hundred targets want, one of which never answers: how many arrive a second
//
// node tools/bench/webhooks.mjs [--seconds 20] [--rate 200] [--targets 100] [--pushes 100]
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startOurs } from './servers.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    targets: { type: 'string', default: '100' },
    pushes: { type: 'string', default: '100' },
  },
});
const [seconds, rate, targets, pushes] = ['seconds', 'rate', 'targets', 'pushes'].map((name) => Number(values[name]));

const directory = mkdtempSync(join(tmpdir(), 'bw-bench-webhooks-'));
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const receiver = await startReceiver();
const ours = await startOurs(directory);
try {
  const world = await prepare(ours);
  console.log(await eventToDelivery(world));
  console.log(await deliveries(world));
} finally {
  await ours.stop();
  receiver.close();
  agent.destroy();
  rmSync(directory, { recursive: true, force: true });
}

/** Pushes at a fixed rate, whether the server keeps up or not; the time counts from the answer to the push. */
async function eventToDelivery(world) {
  await makePolicy(world, 'latency', 'latency');
  const answered = new Map();
  const late = [];
  receiver.onMessage = (kind, digest) => {
    const at = performance.now();
    if (kind === 'latency') late.push({ digest, at });
  };
  // The dispatcher may still be starting, and what waits for it is not what is measured.
  await push(world, manifestOf('the first', world));
  await until(() => late.length > 0, 60_000);
  late.length = 0;
  const count = seconds * rate;
  const warmUp = 2 * rate;
  const begin = performance.now();
  const underWay = [];
  for (let index = 0; index < count + warmUp; index++) {
    const due = begin + (index * 1000) / rate;
    await delay(Math.max(0, due - performance.now()));
    const manifest = manifestOf(`latency ${index}`, world);
    underWay.push(push(world, manifest).then(() => answered.set(manifest.digest, [index, performance.now()])));
  }
  await Promise.all(underWay);
  await until(() => late.length >= count + warmUp, 30_000);
  const waits = late
    .filter(({ digest }) => answered.get(digest)?.[0] >= warmUp)
    .map(({ digest, at }) => Math.max(0, at - answered.get(digest)[1]));
  await removePolicies(world);
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => quantile(waits, share));
  return (
    `event to delivery at ${rate} pushes a second for ${seconds} s: ` +
    `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, worst ${worst.toFixed(0)} ms; ${waits.length} of ${count} arrived`
  );
}

async function deliveries(world) {
  for (let index = 0; index < targets; index++)
    await makePolicy(world, `target-${index}`, index % 100 === 99 ? 'hang' : `quick-${index}`);
  const hanging = Math.floor(targets / 100);
  const expected = pushes * (targets - hanging);
  let arrived = 0;
  let last = 0;
  receiver.onMessage = (kind) => {
    if (!kind.startsWith('quick')) return;
    arrived++;
    last = performance.now();
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: pushes }, (_, index) => push(world, manifestOf(`many ${index}`, world))));
  const pushed = performance.now();
  await until(() => arrived >= expected, 120_000);
  const took = (last - begin) / 1000;
  await removePolicies(world);
  return (
    `deliveries to ${targets} targets, ${hanging} of them hanging: ${arrived} of ${expected} in ${took.toFixed(1)} s, ` +
    `${(arrived / took).toFixed(0)} a second (the ${pushes} pushes took ${((pushed - begin) / 1000).toFixed(1)} s of it)`
  );
}

async function prepare(server) {
  const authorization = await server.authorization();
  const world = { server, authorization, policies: [] };
  world.blob = await pushBlob(world, Buffer.from('{}'));
  return world;
}

async function pushBlob(world, bytes) {
  const digest = digestOf(bytes);
  const path = `/v2/bench/app/blobs/uploads/?digest=${digest}`;
  const { status } = await call(world, 'POST', path, { 'content-type': 'application/octet-stream' }, bytes);
  if (status !== 201) throw new Error(`the blob was answered ${status}`);
  return { mediaType: 'application/vnd.oci.empty.v1+json', digest, size: bytes.length };
}

function manifestOf(note, { blob }) {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.bench',
      config: blob,
      layers: [blob],
      annotations: { note },
    }),
  );
  return { bytes, digest: digestOf(bytes) };
}

async function push(world, { bytes, digest }) {
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
  const { status } = await call(world, 'PUT', `/v2/bench/app/manifests/${digest}`, headers, bytes);
  if (status !== 201) throw new Error(`the push was answered ${status}`);
}

async function makePolicy(world, name, path) {
  const target = { type: 'http', address: `http://127.0.0.1:${receiver.address().port}/${path}` };
  const body = { name, enabled: true, event_types: ['PUSH_ARTIFACT'], targets: [target] };
  const answer = await api(world, 'POST', '', body);
  if (answer.status !== 201) throw new Error(`the policy was answered ${answer.status}: ${answer.text}`);
  world.policies.push(String(answer.headers.location).split('/').at(-1));
}

async function removePolicies(world) {
  for (const id of world.policies.splice(0)) await api(world, 'DELETE', `/${id}`);
}

function api(world, method, path, body) {
  const headers = { authorization: world.server.basic, 'content-type': 'application/json' };
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return call(world, method, `/api/v2.0/projects/bench/webhook/policies${path}`, headers, payload);
}

function call({ server, authorization }, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${server.url}${path}`,
      { method, agent, headers: { authorization, 'content-length': body?.length ?? 0, ...headers } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Answers at once, except at /hang, where it never does. */
async function startReceiver() {
  const server = createServer((incoming, response) => {
    const kind = incoming.url.slice(1);
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      if (kind === 'hang') return;
      response.end();
      const { event_data: data } = JSON.parse(Buffer.concat(chunks).toString());
      server.onMessage?.(kind, data.resources[0].digest);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function until(isSo, timeoutMs) {
  for (const deadline = performance.now() + timeoutMs; !isSo() && performance.now() < deadline;) await delay(20);
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
