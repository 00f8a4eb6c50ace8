import { describe, expect, it } from '@jest/globals';
import { findOffer, registryAuthorizationType, supportedKinds } from './capabilities.js';
import { CYCLONEDX, SBOM_FORMATS, ScannerMediaType, SCANNABLE_MANIFEST_TYPES, SPDX } from './media-types.js';
import { parseMetadata, type ScannerMetadata } from './metadata.js';

const scanner = { name: 'Trivy', vendor: 'Aqua', version: '0.60' };
const consumes = [...SCANNABLE_MANIFEST_TYPES];
const [docker] = SCANNABLE_MANIFEST_TYPES;
const vulnerabilities = {
  type: 'vulnerability',
  consumes_mime_types: consumes,
  produces_mime_types: [ScannerMediaType.NATIVE_REPORT, ScannerMediaType.GENERIC_REPORT],
};
const sboms = {
  type: 'sbom',
  consumes_mime_types: consumes,
  produces_mime_types: [ScannerMediaType.SBOM_REPORT],
  additional_attributes: { sbom_media_types: [SPDX] },
};

describe('parseMetadata', () => {
  it('reads metadata of 1.2 as they are', () => {
    const document = { scanner, capabilities: [vulnerabilities, sboms], properties: { a: 'b' } };
    expect(parseMetadata(document)).toEqual({ value: document, faults: [] });
  });

  it('reads metadata of 1.0, which name no type', () => {
    const metadata = parsed({ ...vulnerabilities, type: undefined });
    expect(supportedKinds(metadata)).toEqual({ support_vulnerability: true, support_sbom: false });
    expect(findOffer(metadata, 'vulnerability', docker)).toMatchObject({ knowsCapabilities: false });
  });

  it.each([
    ['a text', 'metadata'],
    ['a list', []],
    ['null', null],
    ['no scanner', { capabilities: [vulnerabilities] }],
    ['a scanner without a version', { scanner: { ...scanner, version: '' }, capabilities: [vulnerabilities] }],
    ['no capability', { scanner, capabilities: [] }],
    ['null capabilities', { scanner, capabilities: null }],
    [
      'a capability that only makes what nobody reads',
      { scanner, capabilities: [{ ...vulnerabilities, produces_mime_types: ['text/x'] }] },
    ],
  ])('refuses %s', (_, document) => {
    const { value, faults } = parseMetadata(document);
    expect(value).toBeNull();
    expect(faults.some(({ isFatal }) => isFatal)).toBe(true);
  });

  it('keeps a capability that it does not know beside one that it does, and names it', () => {
    const licences = {
      type: 'license',
      consumes_mime_types: consumes,
      produces_mime_types: ['application/x-licences'],
    };
    const { value, faults } = parseMetadata({
      scanner,
      capabilities: [vulnerabilities, licences],
      properties: { n: 1, z: null },
    });
    expect(value?.capabilities).toHaveLength(2);
    expect(value?.properties).toEqual({ n: '1' });
    expect(faults.map(({ path, isFatal }) => [path, isFatal])).toEqual([
      ['capabilities[1].produces_mime_types', false],
      ['properties.n', false],
    ]);
  });
});

describe('findOffer', () => {
  const metadata = parsed(vulnerabilities, sboms);

  it('finds the capability, and the richer report first', () => {
    expect(findOffer(metadata, 'vulnerability', docker)).toEqual({
      capability: vulnerabilities,
      reportTypes: [ScannerMediaType.GENERIC_REPORT, ScannerMediaType.NATIVE_REPORT],
      sbomFormats: [],
      knowsCapabilities: true,
    });
    expect(findOffer(metadata, 'sbom', docker)?.sbomFormats).toEqual([SPDX]);
  });

  it('has none for artifacts that nobody consumes, or for reports that nobody makes', () => {
    expect(findOffer(metadata, 'vulnerability', 'application/vnd.cncf.helm.config.v1+json')).toBeNull();
    expect(findOffer(parsed(vulnerabilities), 'sbom', docker)).toBeNull();
  });

  it('asks for both formats where the adapter names none', () => {
    const { additional_attributes: _, ...unnamed } = sboms;
    expect(findOffer(parsed(unnamed), 'sbom', docker)?.sbomFormats).toEqual(SBOM_FORMATS);
    expect(SBOM_FORMATS).toContain(CYCLONEDX);
  });

  it('compares media types but for case and spaces', () => {
    const spelled = {
      ...vulnerabilities,
      produces_mime_types: ['Application/vnd.security.vulnerability.report;version=1.1'],
    };
    expect(findOffer(parsed(spelled), 'vulnerability', docker)?.reportTypes).toEqual([ScannerMediaType.GENERIC_REPORT]);
    const later = {
      ...vulnerabilities,
      produces_mime_types: ['application/vnd.security.vulnerability.report; version=9.0'],
    };
    expect(parseMetadata({ scanner, capabilities: [later] }).value).toBeNull();
  });
});

it('signs in with Basic unless told otherwise', () => {
  const key = 'harbor.scanner-adapter/registry-authorization-type';
  const withType = (type: string): ScannerMetadata => ({ ...parsed(vulnerabilities), properties: { [key]: type } });
  expect(registryAuthorizationType(parsed(vulnerabilities))).toBe('Basic');
  expect(registryAuthorizationType(withType('bearer'))).toBe('Bearer');
  expect(registryAuthorizationType(withType('Kerberos'))).toBe('Basic');
});

function parsed(...capabilities: object[]): ScannerMetadata {
  const { value } = parseMetadata({ scanner, capabilities });
  if (value === null) throw new Error('metadata of this test are unusable');
  return value;
}
