// What is measured. Each scenario returns { units, seconds, cpu, more? } of one round on one server;
// what is compared is units per server-CPU-second and units per second of wall time.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { digestOf, MANIFEST_TYPE, randomFile, smallImage } from './content.mjs';
import { cpuSeconds, residentBytes } from './cpu.mjs';
import { headLoad } from './head-load.mjs';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const WRK_SECONDS = 4;

/** Runs `work` and measures wall time and the CPU of all the server's processes. */
async function measured(server, units, work) {
  const before = cpuSeconds(server.pids());
  const began = performance.now();
  const more = await work();
  return { units, seconds: (performance.now() - began) / 1000, cpu: cpuSeconds(server.pids()) - before, ...more };
}

function manifestScenario(method, by) {
  return {
    name: `manifest ${method} by ${by}, 64 clients`,
    unit: 'requests',
    rounds: 3,
    async run(server, directory) {
      const client = await new Client(server).signIn();
      const image = smallImage();
      for (const blob of image.blobs) await client.pushBlob(blob);
      await client.pushManifest(image.manifest, 'bench');
      const url = client.url(`manifests/${by === 'tag' ? 'bench' : digestOf(image.manifest)}`);
      await load(directory, method, url, client, 1);
      return measured(server, 0, async () => {
        const { requests, p99 } = await load(directory, method, url, client, WRK_SECONDS);
        return { units: requests, p99 };
      });
    },
  };
}

function pullScenario(clients) {
  return {
    name: `blob GET 1 GiB, ${clients} client${clients > 1 ? 's' : ''}`,
    unit: 'MiB',
    rounds: 3,
    async run(server, directory, cache) {
      const client = await new Client(server).signIn();
      const key = `pull ${server.name}`;
      if (!cache.has(key)) {
        const file = await randomFile(join(directory, 'pull.bin'), GIB);
        await client.pushFile(file);
        rmSync(file.path);
        cache.set(key, file.digest);
        await client.pullFile(file.digest);
      }
      const digest = cache.get(key);
      return measured(server, (clients * GIB) / MIB, async () => {
        await Promise.all(Array.from({ length: clients }, () => client.pullFile(digest)));
      });
    },
  };
}

function pushScenario(clients) {
  return {
    name: `blob push 256 MiB, ${clients} client${clients > 1 ? 's' : ''}`,
    unit: 'MiB',
    rounds: clients > 1 ? 2 : 5,
    async run(server, directory) {
      const client = await new Client(server).signIn();
      const files = [];
      for (let n = 0; n < clients; n++) files.push(await randomFile(join(directory, `push-${n}.bin`), 256 * MIB));
      const result = await measured(server, clients * 256, async () => {
        await Promise.all(files.map((file) => client.pushFile(file)));
      });
      for (const file of files) rmSync(file.path);
      return result;
    },
  };
}

const smallImages = {
  name: 'push 200 small images, 8 at once',
  unit: 'images',
  rounds: 3,
  async run(server) {
    const client = await new Client(server).signIn();
    const images = Array.from({ length: 200 }, smallImage);
    return measured(server, images.length, async () => {
      const queue = images.entries();
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (const [index, image] of queue) {
            await Promise.all(image.blobs.map((blob) => client.pushBlob(blob)));
            await client.pushManifest(image.manifest, `small-${index}`);
          }
        }),
      );
    });
  },
};

export const scenarios = [
  ...['GET', 'HEAD'].flatMap((method) => ['tag', 'digest'].map((by) => manifestScenario(method, by))),
  pullScenario(1),
  pullScenario(8),
  pushScenario(1),
  pushScenario(8),
  smallImages,
];

/** Resident memory of our registry while 8 clients push and 8 pull 1 GiB each. */
export async function memoryUnderLoad(server, directory) {
  const client = await new Client(server).signIn();
  const files = [];
  for (let n = 0; n < 8; n++) files.push(await randomFile(join(directory, `memory-${n}.bin`), GIB));
  await client.pushFile(files[0]);
  const pulled = files[0].digest;
  files[0] = await randomFile(files[0].path, GIB);
  const samples = [];
  const timer = setInterval(() => samples.push(residentBytes(server.registryPid())), 200);
  await Promise.all([...files.map((file) => client.pushFile(file)), ...files.map(() => client.pullFile(pulled))]);
  clearInterval(timer);
  for (const file of files) rmSync(file.path);
  const third = Math.floor(samples.length / 3);
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return {
    mostMib: Math.max(...samples) / MIB,
    // Flat: the last third of the time needs no more than the middle one.
    middleMib: mean(samples.slice(third, 2 * third)) / MIB,
    lastMib: mean(samples.slice(2 * third)) / MIB,
  };
}

function load(directory, method, url, client, seconds) {
  if (method === 'HEAD') return headLoad(url, { accept: MANIFEST_TYPE, ...client.headers }, 64, seconds);
  return wrk(directory, url, client, seconds);
}

function wrk(directory, url, client, seconds) {
  const script = join(directory, 'wrk.lua');
  writeFileSync(
    script,
    `wrk.headers["Accept"] = "${MANIFEST_TYPE}"\n` +
      (client.headers.authorization ? `wrk.headers["Authorization"] = "${client.headers.authorization}"\n` : ''),
  );
  return new Promise((done, failed) => {
    const child = spawn('wrk', ['-t', '1', '-c', '64', '-d', `${seconds}s`, '--latency', '-s', script, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', failed);
    child.on('close', () => {
      const requests = Number(/(\d+) requests in/.exec(out)?.[1] ?? 0);
      const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(out) ?? [];
      const bad = /Non-2xx or 3xx responses: (\d+)/.exec(out);
      if (requests === 0 || bad) failed(new Error(`wrk: ${out}`));
      else done({ requests, p99: Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit] });
    });
  });
}
