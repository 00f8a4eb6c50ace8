import { Digest, RepositoryName } from '@breakwater/oci';
import { describe, expect, it } from '@jest/globals';
import { ScannerMediaType, SPDX } from './media-types.js';
import { parseScanRequest, scanRequestOf, statusOfFaults, type ScanQuestion } from './scan-request.js';
import { findErrorMessage, parseScanResponse } from './scan-response.js';

const question: ScanQuestion = {
  kind: 'sbom',
  registry: { url: 'https://registry.test', authorization: 'Basic abc', isInsecure: false },
  artifact: {
    repository: RepositoryName.parse('library/a/b/c'),
    digest: Digest.parse(`sha256:${'0'.repeat(64)}`),
    tag: 'v1',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    sizeBytes: 12,
  },
  reportTypes: [ScannerMediaType.SBOM_REPORT],
  sbomFormats: [SPDX],
};

describe('a scan request', () => {
  it('is read as it was written', () => {
    const request = scanRequestOf(question, true);
    expect(request.enabled_capabilities).toEqual([
      { type: 'sbom', produces_mime_types: [ScannerMediaType.SBOM_REPORT], parameters: { sbom_media_types: [SPDX] } },
    ]);
    expect(parseScanRequest(JSON.parse(JSON.stringify(request)))).toEqual({ value: request, faults: [] });
  });

  it('says nothing of capabilities to an adapter that does not know them', () => {
    const request = scanRequestOf(
      { ...question, registry: { ...question.registry, authorization: null, isInsecure: true } },
      false,
    );
    expect(request).not.toHaveProperty('enabled_capabilities');
    expect(request.registry).toEqual({ url: 'https://registry.test', insecure: true });
  });

  const valid = scanRequestOf(question, true);
  it.each([
    ['a list', [], 400],
    ['a number for the address', { ...valid, registry: { url: 5 } }, 400],
    ['a text for the artifact', { ...valid, artifact: 'library/app' }, 400],
    ['no registry', { artifact: valid.artifact }, 422],
    ['an address that is none', { ...valid, registry: { url: 'registry.test' } }, 422],
    ['an address of another kind', { ...valid, registry: { url: 'file:///etc/passwd' } }, 422],
    ['an empty repository', { ...valid, artifact: { ...valid.artifact, repository: '' } }, 422],
    ['no digest', { ...valid, artifact: { ...valid.artifact, digest: 'latest' } }, 422],
    ['an unknown capability', { ...valid, enabled_capabilities: [{ type: 'malware' }] }, 422],
    ['an SBOM in no format', { ...valid, enabled_capabilities: [{ type: 'sbom' }] }, 422],
    [
      'an SBOM in an unknown format',
      { ...valid, enabled_capabilities: [{ type: 'sbom', parameters: { sbom_media_types: ['x/y'] } }] },
      422,
    ],
  ])('with %s is refused with its status', (_, document, status) => {
    const { value, faults } = parseScanRequest(document);
    expect(value).toBeNull();
    expect(statusOfFaults(faults)).toBe(status);
  });

  it.each([[null], [[]], [undefined]])('with capabilities %p asks for all', (enabled) => {
    const { value } = parseScanRequest({ ...valid, enabled_capabilities: enabled });
    expect(value).not.toBeNull();
    expect(value).not.toHaveProperty('enabled_capabilities');
  });

  it('may have null parameters, and fields of the future', () => {
    const document = { ...valid, enabled_capabilities: [{ type: 'vulnerability', parameters: null, x: 1 }], x: 1 };
    expect(parseScanRequest(document).value?.enabled_capabilities).toEqual([{ type: 'vulnerability' }]);
  });
});

describe('a scan response', () => {
  it('has an id', () => {
    expect(parseScanResponse({ id: 'a' }).value).toEqual({ id: 'a' });
    expect(parseScanResponse({ id: 7 }).value).toEqual({ id: '7' });
    for (const document of [{}, { id: '' }, { id: null }, { id: {} }, 'a', { id: 'x'.repeat(513) }])
      expect(parseScanResponse(document).value).toBeNull();
  });
});

it.each([
  ['{"error":{"message":"image not found"}}', 'image not found'],
  ['{"error":"boom"}', 'boom'],
  ['{"message":"boom"}', 'boom'],
  ['plain\n text', 'plain text'],
  ['<html>', null],
  ['', null],
  ['null', 'null'],
])('finds the message in %j', (body, message) => expect(findErrorMessage(body)).toBe(message));
