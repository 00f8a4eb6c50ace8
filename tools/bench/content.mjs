import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

const BLOCK = 4 * 2 ** 20;

export const digestOf = (content) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** A file of random bytes and its digest. Blocks repeat, each marked with its place, so that it is made quickly. */
export async function randomFile(path, sizeBytes) {
  const block = randomBytes(BLOCK);
  const file = await open(path, 'w');
  for (let written = 0; written < sizeBytes; written += BLOCK) {
    block.writeDoubleLE(written, 0);
    await file.write(block, 0, Math.min(BLOCK, sizeBytes - written));
  }
  await file.close();
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return { path, sizeBytes, digest: `sha256:${hash.digest('hex')}` };
}

/** A small image: config, two layers, manifest. */
export function smallImage() {
  const layers = [randomBytes(20_000), randomBytes(5_000)];
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', nonce: randomBytes(8).toString('hex') }),
  );
  const describe = (mediaType, content) => ({ mediaType, digest: digestOf(content), size: content.length });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: layers.map((layer) => describe('application/vnd.oci.image.layer.v1.tar+gzip', layer)),
    }),
  );
  return { blobs: [config, ...layers], manifest };
}

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
