import { MediaType } from '@breakwater/oci';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { aTar } from './archives.js';
import { descriptorOf, manifestOf, type TestImage } from './content.js';

export const CHART_LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/**
 * A Helm chart as `helm push` makes it.
 *
 * @param files  in the archive, or its bytes.
 * @param metadata  of `Chart.yaml`, which is the config.
 */
export function aChart(files: Readonly<Record<string, string>> | Buffer = {}, metadata: object = {}): TestImage {
  const config = Buffer.from(JSON.stringify({ name: 'web', version: '1.0.0', ...metadata, salt: salt() }));
  const layer = Buffer.isBuffer(files) ? files : gzipSync(aTar({ 'web/Chart.yaml': salt(), ...files }));
  return manifestOf(MediaType.OciManifest, [config, layer], {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    config: descriptorOf(config, MediaType.HelmConfig),
    layers: [descriptorOf(layer, CHART_LAYER)],
  });
}

const salt = (): string => randomBytes(8).toString('hex');
