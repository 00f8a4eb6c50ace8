import { describe, expect, it } from '@jest/globals';
import { CYCLONEDX, SPDX } from './media-types.js';
import { parseSbomReport } from './sbom-report.js';

const head = {
  generated_at: '2026-03-01T10:00:00.000Z',
  artifact: { repository: 'library/app', digest: `sha256:${'a'.repeat(64)}` },
  scanner: { name: 'Trivy', vendor: 'Aqua', version: '0.60' },
};
const spdx = { spdxVersion: 'SPDX-2.3', packages: [] };
const cyclonedx = { bomFormat: 'CycloneDX', specVersion: '1.5' };

describe('parseSbomReport', () => {
  it.each([
    [SPDX, spdx],
    [CYCLONEDX, cyclonedx],
  ])('reads a report with %s', (media_type, sbom) => {
    const report = { ...head, media_type, sbom, vendor_attributes: { a: 1 } };
    expect(parseSbomReport(report)).toEqual({ value: report, faults: [] });
  });

  it('believes the document, not what is said of it', () => {
    const { value, faults } = parseSbomReport({ ...head, media_type: SPDX, sbom: cyclonedx });
    expect(value?.media_type).toBe(CYCLONEDX);
    expect(faults.map(({ path }) => path)).toEqual(['media_type']);
    expect(parseSbomReport({ ...head, sbom: spdx }).value?.media_type).toBe(SPDX);
  });

  it('takes a document that comes as a text', () => {
    expect(parseSbomReport({ ...head, media_type: SPDX, sbom: JSON.stringify(spdx) }).value?.sbom).toEqual(spdx);
  });

  it.each([
    ['none', undefined],
    ['a text that is no JSON', 'SPDXVersion: SPDX-2.3'],
    ['neither format', { hello: 1 }],
    ['a list', []],
  ])('refuses %s', (_, sbom) => expect(parseSbomReport({ ...head, media_type: SPDX, sbom }).value).toBeNull());
});
