import { describe, expect, it } from '@jest/globals';
import { judgeCyclonedx, judgeSpdx } from './sbom-document.js';

const SPDX = {
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'an image',
  documentNamespace: 'https://example.org/one',
  creationInfo: { created: '2026-11-21T00:00:00Z', creators: ['Tool: a-1'] },
  packages: [{ SPDXID: 'SPDXRef-a', name: 'a', downloadLocation: 'NOASSERTION' }],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-a' },
    { spdxElementId: 'SPDXRef-a', relationshipType: 'OTHER', relatedSpdxElement: 'DocumentRef-other:SPDXRef-b' },
  ],
};

const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: { component: { 'bom-ref': 'image', type: 'container', name: 'image' } },
  components: [
    { 'bom-ref': 'a', type: 'library', name: 'a', components: [{ 'bom-ref': 'b', type: 'file', name: 'b' }] },
  ],
  dependencies: [{ ref: 'image', dependsOn: ['a', 'b'] }],
};

describe('SPDX', () => {
  it('is sound', () => expect(judgeSpdx(SPDX)).toEqual({ faults: [], packages: 1 }));

  it.each([
    [{ spdxVersion: '2.3' }, 'spdxVersion'],
    [{ dataLicense: 'MIT' }, 'dataLicense'],
    [{ SPDXID: 'document' }, 'SPDXID is not'],
    [{ name: '' }, 'name'],
    [{ documentNamespace: 'https://example.org/#one' }, 'documentNamespace'],
    [{ creationInfo: { created: 'today', creators: ['Tool: a-1'] } }, 'creationInfo.created'],
    [{ creationInfo: { created: '2026-11-21T00:00:00Z', creators: ['a-1'] } }, 'creationInfo.creators'],
    [{ packages: [...SPDX.packages, ...SPDX.packages] }, 'SPDXRef-a is there twice'],
    [{ packages: [{ SPDXID: 'SPDXRef-a', name: 'a' }] }, 'packages[0].downloadLocation'],
    [
      { relationships: [{ spdxElementId: 'SPDXRef-a', relatedSpdxElement: 'SPDXRef-z' }] },
      '"SPDXRef-z" does not exist',
    ],
  ])('is not with %j', (change, fault) => {
    expect(judgeSpdx({ ...SPDX, ...change }).faults.join('\n')).toContain(fault);
  });
});

describe('CycloneDX', () => {
  it('is sound', () => expect(judgeCyclonedx(CYCLONEDX)).toEqual({ faults: [], packages: 1 }));

  it.each([
    [{ bomFormat: 'cyclonedx' }, 'bomFormat'],
    [{ specVersion: '1.3' }, 'specVersion'],
    [{ version: 0 }, 'version is no whole number'],
    [{ serialNumber: '17' }, 'serialNumber'],
    [{ components: [{ name: 'a' }], dependencies: [] }, '.type is undefined'],
    [{ components: [{ type: 'library' }], dependencies: [] }, '.name is missing'],
    [
      { components: [...CYCLONEDX.components, { 'bom-ref': 'a', type: 'library', name: 'a' }] },
      'bom-ref a is there twice',
    ],
    [{ dependencies: [{ ref: 'image', dependsOn: ['z'] }] }, '"z", which does not exist'],
  ])('is not with %j', (change, fault) => {
    expect(judgeCyclonedx({ ...CYCLONEDX, ...change }).faults.join('\n')).toContain(fault);
  });
});
