import { Digest, RepositoryName } from '@breakwater/oci';
import { findReportType, findSbomFormat, ScannerMediaType, type ReportType, type SbomFormat } from './media-types.js';
import type { Fault, Parsed } from './reading/fault.js';
import { Reading, type JsonObject } from './reading/reading.js';

/** Body of `POST /scan`, in the field names of the specification. */
export interface ScanRequest {
  readonly registry: {
    /** Base address of the registry API, without `/v2`. */
    readonly url: string;
    /** Whole value of the `Authorization` header. A secret: never log it. */
    readonly authorization?: string;
    /** Harbor's extension: plain http, or a certificate that nobody need trust. */
    readonly insecure?: boolean;
  };
  readonly artifact: ScannedArtifact;
  /** Since 1.2; missing means all. */
  readonly enabled_capabilities?: readonly EnabledCapability[];
}

/** The artifact as requests name it and reports echo it. */
export interface ScannedArtifact {
  /** Full name, the project included. */
  readonly repository: string;
  readonly digest: string;
  readonly tag?: string;
  readonly mime_type?: string;
  /** Harbor's extension, in bytes. */
  readonly size?: number;
}

export interface EnabledCapability {
  readonly type: string;
  readonly produces_mime_types?: readonly string[];
  readonly parameters?: { readonly sbom_media_types?: readonly string[] } | null;
}

/** What is to be found out about an artifact. */
export type ScanKind = 'vulnerability' | 'sbom';

/** What the registry knows when it asks for a scan. */
export interface ScanQuestion {
  readonly kind: ScanKind;
  readonly registry: { readonly url: string; readonly authorization: string | null; readonly isInsecure: boolean };
  readonly artifact: {
    readonly repository: RepositoryName;
    readonly digest: Digest;
    readonly tag: string | null;
    readonly mediaType: string;
    readonly sizeBytes: number | null;
  };
  readonly reportTypes: readonly ReportType[];
  /** Of kind `sbom`: never empty then. */
  readonly sbomFormats: readonly SbomFormat[];
}

/**
 * The request that asks a question.
 *
 * @param knowsCapabilities  false for an adapter of 1.0 or 1.1 (none of its capabilities names a type): the request
 *   then has no `enabled_capabilities`, which a strict adapter of that age may refuse.
 */
export function scanRequestOf(question: ScanQuestion, knowsCapabilities: boolean): ScanRequest {
  const { registry, artifact } = question;
  return {
    registry: {
      url: registry.url,
      ...(registry.authorization === null ? {} : { authorization: registry.authorization }),
      ...(registry.isInsecure ? { insecure: true } : {}),
    },
    artifact: {
      repository: artifact.repository,
      digest: artifact.digest,
      ...(artifact.tag === null ? {} : { tag: artifact.tag }),
      mime_type: artifact.mediaType,
      ...(artifact.sizeBytes === null ? {} : { size: artifact.sizeBytes }),
    },
    ...(knowsCapabilities ? { enabled_capabilities: [enabledCapability(question)] } : {}),
  };
}

/**
 * Reads a scan request, as an adapter does. Unusable when a part is missing, of the wrong type, or says what no
 * adapter can do; `statusOfFaults` tells how to answer then. Fields that it does not know are left out.
 */
export function parseScanRequest(document: unknown): Parsed<ScanRequest> {
  const reading = new Reading();
  const root = reading.root(document);
  if (root === null) return reading.finish(null);
  const registry = parseRegistry(reading, root);
  const artifact = parseRequestedArtifact(reading, root);
  const enabled = parseEnabledCapabilities(reading, root);
  if (registry === null || artifact === null) return reading.finish(null);
  return reading.finish({ registry, artifact, ...(enabled === null ? {} : { enabled_capabilities: enabled }) });
}

/** 400 for a document or a field of the wrong JSON type, 422 for a field that is missing or says something impossible. */
export function statusOfFaults(faults: readonly Fault[]): 400 | 422 {
  return faults.some(({ isFatal, kind }) => isFatal && kind === 'wrong-type') ? 400 : 422;
}

/** The `artifact` that a report echoes; null when there is none that says what was scanned. */
export function parseEchoedArtifact(reading: Reading, root: JsonObject): ScannedArtifact | null {
  const from = reading.object(root, '', 'artifact', { isRequired: true });
  if (from === null) return null;
  const repository = reading.text(from, 'artifact.', 'repository', { isRequired: true, maxLength: 512 });
  const digest = reading.text(from, 'artifact.', 'digest', { isRequired: true, maxLength: 256 });
  return repository === null || digest === null
    ? null
    : { repository, digest, ...optionalArtifactFields(reading, from) };
}

const FATAL = { isRequired: true, isFatal: true } as const;

function enabledCapability({ kind, reportTypes, sbomFormats }: ScanQuestion): EnabledCapability {
  const parameters = kind === 'sbom' ? { parameters: { sbom_media_types: sbomFormats } } : {};
  return { type: kind, produces_mime_types: reportTypes, ...parameters };
}

function parseRegistry(reading: Reading, root: JsonObject): ScanRequest['registry'] | null {
  const from = reading.object(root, '', 'registry', FATAL);
  if (from === null) return null;
  const url = requiredText(reading, from, 'registry.', 'url');
  if (url !== null && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    reading.note('registry.url', 'invalid', 'is no http or https address', { isFatal: true });
  const authorization = reading.text(from, 'registry.', 'authorization', { isFatal: true, maxLength: 65_536 });
  const insecure = reading.boolean(from, 'registry.', 'insecure');
  return {
    url: url ?? '',
    ...(authorization === null ? {} : { authorization }),
    ...(insecure === null ? {} : { insecure }),
  };
}

function parseRequestedArtifact(reading: Reading, root: JsonObject): ScannedArtifact | null {
  const from = reading.object(root, '', 'artifact', FATAL);
  if (from === null) return null;
  const repository = requiredText(reading, from, 'artifact.', 'repository');
  if (repository !== null && !RepositoryName.is(repository))
    reading.note('artifact.repository', 'invalid', 'is no name of a repository', { isFatal: true });
  const digest = requiredText(reading, from, 'artifact.', 'digest');
  if (digest !== null && !Digest.is(digest))
    reading.note('artifact.digest', 'invalid', 'is no digest', { isFatal: true });
  return { repository: repository ?? '', digest: digest ?? '', ...optionalArtifactFields(reading, from) };
}

function optionalArtifactFields(reading: Reading, from: JsonObject): Partial<ScannedArtifact> {
  const tag = reading.text(from, 'artifact.', 'tag', { maxLength: 256 });
  const mediaType = reading.text(from, 'artifact.', 'mime_type', { maxLength: 256 });
  const size = reading.number(from, 'artifact.', 'size', { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    ...(tag === null ? {} : { tag }),
    ...(mediaType === null ? {} : { mime_type: mediaType }),
    ...(size === null ? {} : { size }),
  };
}

function parseEnabledCapabilities(reading: Reading, root: JsonObject): EnabledCapability[] | null {
  const list = reading.list(root, '', 'enabled_capabilities', { isFatal: true, most: 64 });
  // An empty list enables nothing that one could answer with; like a missing one it means all.
  if (list.length === 0) return null;
  return list.flatMap((item, index) => {
    const path = `enabled_capabilities[${index}]`;
    if (reading.isObject(item)) return [parseEnabledCapability(reading, item, `${path}.`)];
    reading.note(path, 'wrong-type', 'is not an object', { isFatal: true });
    return [];
  });
}

function parseEnabledCapability(reading: Reading, from: JsonObject, base: string): EnabledCapability {
  const type = requiredText(reading, from, base, 'type') ?? '';
  if (type !== '' && type !== 'vulnerability' && type !== 'sbom')
    reading.note(`${base}type`, 'invalid', 'is neither vulnerability nor sbom', { isFatal: true });
  const produces = reading.texts(from, base, 'produces_mime_types', { isFatal: true });
  const isSbom =
    type === 'sbom' && produces.every((mediaType) => findReportType(mediaType) === ScannerMediaType.SBOM_REPORT);
  const parameters = reading.object(from, base, 'parameters', { isFatal: true });
  const formats = parameters && reading.texts(parameters, `${base}parameters.`, 'sbom_media_types', { isFatal: true });
  if (isSbom && (formats ?? []).length === 0)
    reading.note(`${base}parameters.sbom_media_types`, 'missing', 'is needed for an SBOM', { isFatal: true });
  if (formats?.some((format) => findSbomFormat(format) === null))
    reading.note(`${base}parameters.sbom_media_types`, 'invalid', 'names an unknown format', { isFatal: true });
  return {
    type,
    ...(produces.length === 0 ? {} : { produces_mime_types: produces }),
    ...(formats === null || formats.length === 0 ? {} : { parameters: { sbom_media_types: formats } }),
  };
}

function requiredText(reading: Reading, from: JsonObject, base: string, key: string): string | null {
  const value = from[key];
  // Unlike a report, a request is not to be guessed at: a number in the place of a text is refused.
  if (typeof value === 'number' || typeof value === 'boolean') {
    reading.note(base + key, 'wrong-type', 'is not a text', { isFatal: true });
    return null;
  }
  return reading.text(from, base, key, { ...FATAL, maxLength: 2048 });
}
