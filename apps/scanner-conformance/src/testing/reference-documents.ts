import { MediaType } from '@breakwater/oci';
import {
  CYCLONEDX,
  SBOM_FORMATS,
  SEVERITY_RANK,
  SPDX,
  type SbomFormat,
  type ScanRequest,
  ScannerMediaType,
} from '@breakwater/scanner-spec';
import type { FoundPackage } from './reference-scan.js';

const SCANNER = { name: 'Reference', vendor: 'Breakwater', version: '1.0.0' };
const CONSUMES = [MediaType.OciManifest, MediaType.DockerManifest] as string[];

export const METADATA = {
  scanner: SCANNER,
  capabilities: [
    {
      type: 'vulnerability',
      consumes_mime_types: CONSUMES,
      produces_mime_types: [ScannerMediaType.GENERIC_REPORT, ScannerMediaType.NATIVE_REPORT] as string[],
    },
    {
      type: 'sbom',
      consumes_mime_types: CONSUMES,
      produces_mime_types: [ScannerMediaType.SBOM_REPORT] as string[],
      additional_attributes: { sbom_media_types: SBOM_FORMATS },
    },
  ],
  properties: {
    'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
    'harbor.scanner-adapter/vulnerability-database-updated-at': new Date().toISOString(),
  },
};

interface FinishedScan {
  request: ScanRequest;
  packages: readonly FoundPackage[];
  doneAt: Date;
}

const SEVERITIES = ['Low', 'Medium', 'High', 'Critical'] as const;

/** One finding for each package, so that there is something to judge. */
export function vulnerabilityReport(scan: FinishedScan): Record<string, unknown> {
  const vulnerabilities = scan.packages.map(({ name, version }, index) => ({
    id: `CVE-2023-${1000 + index}`,
    package: name,
    version,
    fix_version: `${version}+fixed`,
    severity: SEVERITIES[index % SEVERITIES.length]!,
    description: `A flaw in ${name}`,
    links: [`https://cve.example.org/CVE-2023-${1000 + index}`],
    preferred_cvss: { score_v3: 7.5, vector_v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' },
    cwe_ids: ['CWE-400'],
    vendor_attributes: {},
  }));
  const severity = vulnerabilities.reduce<keyof typeof SEVERITY_RANK>(
    (worst, item) => (SEVERITY_RANK[item.severity] > SEVERITY_RANK[worst] ? item.severity : worst),
    'Unknown',
  );
  return { ...headOf(scan), severity, vulnerabilities };
}

export function sbomReport(format: SbomFormat, scan: FinishedScan): Record<string, unknown> {
  const sbom = format === SPDX ? spdx(scan) : cyclonedx(scan);
  return { ...headOf(scan), vendor_attributes: {}, media_type: format === SPDX ? SPDX : CYCLONEDX, sbom };
}

function headOf({ request, doneAt }: FinishedScan): Record<string, unknown> {
  return { generated_at: doneAt.toISOString(), artifact: request.artifact, scanner: SCANNER };
}

function spdx({ request, packages, doneAt }: FinishedScan): Record<string, unknown> {
  const { repository, digest } = request.artifact;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${repository}@${digest}`,
    documentNamespace: `https://spdx.example.org/${repository}/${digest}`,
    creationInfo: { created: doneAt.toISOString(), creators: ['Tool: reference-1.0.0'] },
    packages: packages.map(({ name, version }, index) => ({
      SPDXID: `SPDXRef-Package-${index}`,
      name,
      versionInfo: version,
      downloadLocation: 'NOASSERTION',
    })),
    relationships: packages.map((_, index) => ({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: `SPDXRef-Package-${index}`,
    })),
  };
}

function cyclonedx({ request, packages, doneAt }: FinishedScan): Record<string, unknown> {
  const { repository, digest } = request.artifact;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    metadata: {
      timestamp: doneAt.toISOString(),
      component: { 'bom-ref': 'subject', type: 'container', name: repository, version: digest },
    },
    components: packages.map(({ name, version }, index) => ({
      'bom-ref': `package-${index}`,
      type: 'library',
      name,
      version,
    })),
    dependencies: [{ ref: 'subject', dependsOn: packages.map((_, index) => `package-${index}`) }],
  };
}
