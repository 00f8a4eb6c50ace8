import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';
import { Parser } from 'tar';
import { parseVulnerabilityReport, type Vulnerability } from '@breakwater/scanner-spec';
import { PullError, type RegistryPuller } from './registry-puller.js';

/** Where an artifact says what is to be found in it: annotation of the manifest, or label of the image. */
export const FINDINGS_LABEL = 'org.breakwater.test.findings';
/** Or a file in one of its layers. */
export const FINDINGS_FILE = 'breakwater-test-findings.json';

/** What is in an artifact. */
export interface Contents {
  readonly findings: readonly Vulnerability[];
  /** RFC 3339; from the image, so that the same image has the same SBOM. */
  readonly createdAt: string;
}

/**
 * Pulls an artifact, whole, and reads what it declares: a JSON list of items as reports have them. Later layers add to
 * earlier ones. One that declares nothing has `derived` findings, which follow from its digest.
 */
export async function readContents(puller: RegistryPuller, digest: string, derived: number): Promise<Contents> {
  const document = await puller.manifest();
  if (!Array.isArray(document['layers'])) throw new PullError('this adapter scans images, and this is none');
  const config = await readConfig(puller, document['config']);
  const texts = [annotationsOf(document)[FINDINGS_LABEL], config.labels[FINDINGS_LABEL]];
  for (const layer of document['layers'] as readonly Descriptor[])
    if (!isForeign(layer)) texts.push(await findFile(await puller.blob(String(layer.digest))));
  const declared = texts.filter((text) => typeof text === 'string');
  const findings = declared.length > 0 ? declared.flatMap(parseFindings) : derivedFindings(digest, derived);
  return { findings, createdAt: config.createdAt };
}

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
}

function parseFindings(text: string): readonly Vulnerability[] {
  const { value } = parseVulnerabilityReport({ severity: 'Unknown', vulnerabilities: JSON.parse(text) as unknown });
  if (value === null) throw new PullError(`what ${FINDINGS_LABEL} declares is no list of findings`);
  return value.vulnerabilities;
}

function derivedFindings(digest: string, count: number): Vulnerability[] {
  const seed = createHash('sha256').update(digest).digest();
  return Array.from({ length: count }, (_, index) => {
    const byte = seed[index % seed.length] ?? 0;
    return {
      id: `CVE-2026-${10_000 + ((byte * 31 + index) % 5000)}`,
      package: `package-${(byte + index) % 200}`,
      version: `1.${byte % 10}.${index}`,
      ...(byte % 2 === 0 ? { fix_version: `1.${byte % 10}.${index + 1}` } : {}),
      severity: SEVERITIES[(byte + index) % SEVERITIES.length] ?? 'Low',
      description: `Derived from the content of the artifact, number ${index}.`,
      links: [`https://example.com/advisories/${index}`],
    };
  });
}

async function readConfig(
  puller: RegistryPuller,
  descriptor: unknown,
): Promise<{ labels: Readonly<Record<string, unknown>>; createdAt: string }> {
  const digest = (descriptor as Descriptor | undefined)?.digest;
  const bytes = digest === undefined ? Buffer.from('{}') : await puller.blob(digest);
  const config = parsedObject(bytes.toString('utf8'));
  const inner = config['config'];
  const labels = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)['Labels'] : null;
  const created = new Date(String(config['created']));
  return {
    labels: typeof labels === 'object' && labels !== null ? (labels as Record<string, unknown>) : {},
    createdAt: Number.isNaN(created.getTime()) ? '1970-01-01T00:00:00Z' : created.toISOString(),
  };
}

/** The file's text; null when the layer has none, or is no archive of files. */
async function findFile(layer: Buffer): Promise<string | null> {
  const chunks: Buffer[] = [];
  const parser = new Parser({
    // gzip and zstd are told by their first bytes. The path decides nothing but whether it is read.
    filter: (path) => path.replace(/^(?:\.?\/)+/, '') === FINDINGS_FILE,
    onReadEntry: (entry) => entry.on('data', (chunk: Buffer) => chunks.push(chunk)),
  });
  return new Promise((resolve) => {
    parser.on('end', () => resolve(chunks.length === 0 ? null : Buffer.concat(chunks).toString('utf8')));
    parser.on('error', () => resolve(null));
    Readable.from([layer])
      .on('data', (chunk: Buffer) => parser.write(chunk))
      .on('end', () => parser.end());
  });
}

function annotationsOf(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const annotations = document['annotations'];
  return typeof annotations === 'object' && annotations !== null ? (annotations as Record<string, unknown>) : {};
}

function isForeign({ mediaType = '' }: Descriptor): boolean {
  return mediaType.includes('nondistributable') || mediaType.includes('foreign');
}

function parsedObject(text: string): Record<string, unknown> {
  try {
    const document = JSON.parse(text) as unknown;
    return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const SEVERITIES = ['Low', 'Medium', 'High', 'Critical', 'Negligible', 'Unknown'];
