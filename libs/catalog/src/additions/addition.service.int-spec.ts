import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import type { CatalogControl } from '../create-catalog-control.js';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import { CI, type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { aChart } from '../testing/charts.js';
import { anImage, anIndex, byTag, Client, someBytes, type TestImage } from '../testing/content.js';
import { controlOf } from '../testing/control.js';
import { additionsOf } from './addition.js';
import { AdditionNotFoundError, AdditionUnreadableError, AdditionUnsupportedError } from './addition.errors.js';

let world: CatalogWorld;
let control: CatalogControl;
let client: Client;
let address: RepositoryAddress;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
});
beforeEach(async () => {
  const project = await world.aProject();
  client = new Client(world.catalog, project, project.repository(), CI);
  address = { projectId: project.id, name: client.repository };
});
afterAll(() => world.close());

async function addition(image: TestImage, name: string) {
  await client.push(image, byTag('v1'));
  const { contentType, content } = await control.additions.get(address, byTag('v1'), name);
  return [contentType, content.toString()];
}

describe('additions', () => {
  it('show how an image was built', async () => {
    const history = [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY . .' }];
    expect(await addition(anImage({}, { os: 'linux', history }), 'build_history')).toEqual([
      'application/json; charset=utf-8',
      JSON.stringify(history),
    ]);
    expect(await addition(anImage(), 'build_history')).toContain('[]');
  });

  it('show the files and the dependencies of a chart', async () => {
    const files = { 'web/values.yaml': 'replicas: 1\n', 'web/README.md': '# Web ✓' };
    const chart = aChart(files, { dependencies: [{ name: 'db', version: '1.x', repository: 'oci://x' }] });
    expect(await addition(chart, 'values.yaml')).toEqual(['text/plain; charset=utf-8', 'replicas: 1\n']);
    expect(await addition(chart, 'readme.md')).toEqual(['text/markdown; charset=utf-8', '# Web ✓']);
    expect(await addition(chart, 'dependencies')).toContain('[{"name":"db","version":"1.x","repository":"oci://x"}]');
  });

  it('show the document of an SBOM', async () => {
    const sbom = anImage({ artifactType: 'application/vnd.goharbor.harbor.sbom.v1' });
    const [, document = Buffer.alloc(0)] = sbom.blobs;
    expect(await addition(sbom, 'sbom')).toEqual(['application/json; charset=utf-8', document.toString()]);
    await expect(addition(sbom, 'build_history')).rejects.toThrow(AdditionUnsupportedError);
  });

  it('that are not there are empty or not found, and those of other types not supported', async () => {
    expect(await addition(aChart(), 'readme.md')).toEqual(['text/markdown; charset=utf-8', '']);
    const sparse = await world.aProject({ sparse_content: 'true' });
    const there = new Client(world.catalog, sparse, sparse.repository(), CI);
    await there.put(aChart(), byTag('v1'));
    const gap = { projectId: sparse.id, name: there.repository };
    for (const name of ['readme.md', 'dependencies'])
      await expect(control.additions.get(gap, byTag('v1'), name)).rejects.toThrow(AdditionNotFoundError);
    await expect(addition(anImage(), 'values.yaml')).rejects.toThrow(AdditionUnsupportedError);
    await expect(addition(anImage(), 'sbom')).rejects.toThrow(AdditionUnsupportedError);
    const image = anImage();
    await client.push(image);
    await expect(addition(anIndex([image.descriptor]), 'build_history')).rejects.toThrow(AdditionUnsupportedError);
    await expect(control.additions.get(address, byTag('none'), 'readme.md')).rejects.toThrow(ManifestUnknownError);
  });

  it('that nobody can read say so', async () => {
    await expect(addition(aChart(someBytes()), 'values.yaml')).rejects.toThrow(AdditionUnreadableError);
    await expect(addition(anImage({}, Buffer.from('no json')), 'build_history')).rejects.toThrow(
      AdditionUnreadableError,
    );
  });

  it('are linked for what has them', () => {
    const [image, index] = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json'];
    expect(additionsOf({ type: 'IMAGE', manifestMediaType: image })).toEqual(['build_history']);
    expect(additionsOf({ type: 'CHART', manifestMediaType: image })).toHaveLength(3);
    expect(additionsOf({ type: 'IMAGE', manifestMediaType: index })).toEqual([]);
    expect(additionsOf({ type: 'WASM', manifestMediaType: image })).toEqual([]);
  });
});
