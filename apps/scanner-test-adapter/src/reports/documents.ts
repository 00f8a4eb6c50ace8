import {
  CYCLONEDX,
  ScannerMediaType,
  SPDX,
  worstSeverity,
  type SbomFormat,
  type ScannedArtifact,
  type Scanner,
  type Vulnerability,
} from '@breakwater/scanner-spec';
import type { Contents } from '../pulling/declared-findings.js';

/** What every report is made from. */
export interface ReportFacts {
  readonly artifact: ScannedArtifact;
  readonly scanner: Scanner;
  readonly contents: Contents;
  /** RFC 3339. */
  readonly generatedAt: string;
}

export function vulnerabilityReport(
  mediaType: string,
  { artifact, scanner, contents, generatedAt }: ReportFacts,
): object {
  const { findings } = contents;
  const severity = worstSeverity(findings.map((finding) => finding.severity));
  return {
    generated_at: generatedAt,
    artifact,
    scanner,
    // The word that adapters use of an empty list.
    severity: severity === 'None' ? 'Unknown' : severity,
    vulnerabilities: mediaType === ScannerMediaType.GENERIC_REPORT ? findings : findings.map(nativeItem),
  };
}

export function sbomReport(format: SbomFormat, facts: ReportFacts): object {
  const { artifact, scanner, generatedAt } = facts;
  return {
    generated_at: generatedAt,
    artifact,
    scanner,
    vendor_attributes: {},
    media_type: format,
    sbom: SBOM[format](facts),
  };
}

/** Fields that 1.1 added are unknown to the native report. */
function nativeItem({ id, package: name, version, fix_version, severity, description, links }: Vulnerability): object {
  return { id, package: name, version, fix_version, severity, description, links };
}

const SBOM: Readonly<Record<SbomFormat, (facts: ReportFacts) => object>> = {
  [SPDX]: ({ artifact, scanner, contents }) => ({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: artifact.repository,
    documentNamespace: `https://breakwater.example/spdx/${artifact.repository}@${artifact.digest}`,
    creationInfo: {
      created: contents.createdAt.replace(/\.\d+/, ''),
      creators: [`Tool: ${scanner.name}-${scanner.version}`],
    },
    packages: [
      {
        SPDXID: 'SPDXRef-Artifact',
        name: artifact.repository,
        versionInfo: artifact.digest,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        primaryPackagePurpose: 'CONTAINER',
        checksums: [
          { algorithm: algorithmOf(artifact.digest).replace('-', ''), checksumValue: hexOf(artifact.digest) },
        ],
      },
      ...packagesOf(contents).map(([name, version], index) => ({
        SPDXID: `SPDXRef-Package-${index}`,
        name,
        versionInfo: version,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        externalRefs: [
          { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purlOf(name, version) },
        ],
      })),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-Artifact' },
      ...packagesOf(contents).map((_, index) => ({
        spdxElementId: 'SPDXRef-Artifact',
        relationshipType: 'CONTAINS',
        relatedSpdxElement: `SPDXRef-Package-${index}`,
      })),
    ],
  }),
  [CYCLONEDX]: ({ artifact, scanner, contents }) => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: contents.createdAt,
      tools: { components: [{ type: 'application', name: scanner.name, version: scanner.version }] },
      component: {
        'bom-ref': 'artifact',
        type: 'container',
        name: artifact.repository,
        version: artifact.digest,
        hashes: [{ alg: algorithmOf(artifact.digest), content: hexOf(artifact.digest) }],
      },
    },
    components: packagesOf(contents).map(([name, version]) => ({
      'bom-ref': purlOf(name, version),
      type: 'library',
      name,
      version,
      purl: purlOf(name, version),
    })),
    dependencies: [
      { ref: 'artifact', dependsOn: packagesOf(contents).map(([name, version]) => purlOf(name, version)) },
    ],
  }),
};

/** Each package once, in a fixed order. */
function packagesOf({ findings }: Contents): readonly (readonly [string, string])[] {
  const keys = new Set(findings.map(({ package: name, version }) => JSON.stringify([name, version])));
  return [...keys].sort().map((key) => JSON.parse(key) as [string, string]);
}

function purlOf(name: string, version: string): string {
  return `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}

function algorithmOf(digest: string): string {
  return digest.startsWith('sha512:') ? 'SHA-512' : 'SHA-256';
}

function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}
