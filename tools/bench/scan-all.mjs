// A scan of everything against an adapter that answers at once: how many artifacts a second, and whether the memory of
// jobservice stays flat.
//
// node tools/bench/scan-all.mjs [--artifacts 10000] [--findings 20]
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from './client.mjs';
import { digestOf, MANIFEST_TYPE } from './content.mjs';
import { commandLine, residentBytes } from './cpu.mjs';
import { startOurs } from './servers.mjs';

const { values } = parseArgs({
  options: { artifacts: { type: 'string', default: '10000' }, findings: { type: 'string', default: '20' } },
});
const artifacts = Number(values.artifacts);
const findings = Number(values.findings);
const REPORT_TYPE = 'application/vnd.security.vulnerability.report; version=1.1';
const METADATA = {
  scanner: { name: 'instant', vendor: 'bench', version: '1' },
  capabilities: [
    {
      type: 'vulnerability',
      consumes_mime_types: [MANIFEST_TYPE, 'application/vnd.docker.distribution.manifest.v2+json'],
      produces_mime_types: [REPORT_TYPE],
    },
  ],
  properties: {},
};

const directory = mkdtempSync(join(tmpdir(), 'bw-bench-scan-all-'));
const adapter = await startInstantAdapter();
const ours = await startOurs(directory);
try {
  await pushImages();
  await register();
  console.log(await scanAll());
} finally {
  await ours.stop();
  adapter.close();
  rmSync(directory, { recursive: true, force: true });
}

async function pushImages() {
  const client = await new Client(ours).signIn();
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux' }));
  const layer = Buffer.from('a layer');
  for (const blob of [config, layer]) await client.pushBlob(blob);
  const describe = (mediaType, content) => ({ mediaType, digest: digestOf(content), size: content.length });
  const numbers = Array.from({ length: artifacts }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const index of numbers) {
        const manifest = JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST_TYPE,
          config: describe('application/vnd.oci.image.config.v1+json', config),
          layers: [describe('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
          annotations: { index: String(index) },
        });
        await client.pushManifest(Buffer.from(manifest), digestOf(manifest));
      }
    }),
  );
}

async function register() {
  const body = { name: 'instant', url: `http://127.0.0.1:${adapter.address().port}` };
  const created = await api('POST', '/scanners', body);
  const id = created.headers.get('location').split('/').at(-1);
  await api('PATCH', `/scanners/${id}`, { is_default: true });
}

async function scanAll() {
  const jobservice = ours.pids().find((pid) => commandLine(pid).includes('apps/jobservice/dist/main.js'));
  const resident = [];
  const began = performance.now();
  await api('POST', '/system/scanAll/schedule', { schedule: { type: 'Manual' } });
  let metrics = { ongoing: true };
  while (metrics.ongoing || metrics.completed < artifacts) {
    if (performance.now() - began > 600_000) break;
    await delay(500);
    resident.push(residentBytes(jobservice) / 2 ** 20);
    metrics = await (await api('GET', '/scans/all/metrics')).json();
  }
  const seconds = (performance.now() - began) / 1000;
  const third = Math.floor(resident.length / 3);
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return (
    `scan of everything: ${metrics.completed} of ${metrics.total} artifacts with ${findings} findings each in ` +
    `${seconds.toFixed(1)} s, ${(metrics.completed / seconds).toFixed(0)} a second (${JSON.stringify(metrics.metrics)}); ` +
    `at most ${adapter.mostAtOnce} at once at the adapter; jobservice resident: most ${Math.max(...resident).toFixed(0)} MiB, ` +
    `middle third ${mean(resident.slice(third, 2 * third)).toFixed(0)}, last third ${mean(resident.slice(2 * third)).toFixed(0)}`
  );
}

async function api(method, path, body) {
  const answer = await fetch(`${ours.url}/api/v2.0${path}`, {
    method,
    headers: { authorization: ours.basic, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Has every report at once, with findings that are partly the artifact's own. */
async function startInstantAdapter() {
  const scans = new Map();
  const server = createServer((incoming, response) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => answer(incoming, response, Buffer.concat(chunks)));
  });
  const answer = ({ method, url }, response, body) => {
    const json = (status, type, value) =>
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
    if (url === '/api/v1/metadata')
      return json(200, 'application/vnd.scanner.adapter.metadata+json; version=1.1', METADATA);
    if (method === 'POST') {
      const { artifact } = JSON.parse(body.toString());
      const id = createHash('sha256').update(artifact.digest).digest('hex');
      scans.set(id, artifact);
      server.mostAtOnce = Math.max(server.mostAtOnce, scans.size);
      return json(202, 'application/vnd.scanner.adapter.scan.response+json; version=1.0', { id });
    }
    const id = url.split('/')[4];
    const artifact = scans.get(id);
    scans.delete(id);
    return artifact === undefined
      ? json(404, 'application/json', {})
      : json(200, REPORT_TYPE, reportOf(artifact, Number.parseInt(id.slice(0, 6), 16)));
  };
  server.mostAtOnce = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function reportOf(artifact, seed) {
  const severities = ['Low', 'Medium', 'High', 'Critical'];
  return {
    generated_at: new Date().toISOString(),
    artifact,
    scanner: METADATA.scanner,
    severity: 'Critical',
    vulnerabilities: Array.from({ length: findings }, (_, index) => ({
      id: `CVE-2026-${(seed + index * 7) % 5000}`,
      package: `package-${index}`,
      version: '1.0',
      fix_version: index % 2 === 0 ? '1.1' : '',
      severity: severities[index % 4],
      description: 'found by the bench',
      links: [],
    })),
  };
}
