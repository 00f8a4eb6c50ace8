import { CYCLONEDX, findSbomFormat, SPDX, type SbomFormat } from './media-types.js';
import type { Parsed } from './reading/fault.js';
import { own, Reading, type JsonObject } from './reading/reading.js';
import { parseVendorAttributes } from './vulnerability.js';
import { parseReportHead, type ReportHead } from './vulnerability-report.js';

/** A report that carries an SBOM. */
export interface SbomReport extends ReportHead {
  readonly media_type: SbomFormat;
  /** The document itself, as the scanner made it. */
  readonly sbom: JsonObject;
  readonly vendor_attributes?: JsonObject;
}

/**
 * Reads an SBOM report. Unusable without a document, or with one that is neither SPDX nor CycloneDX. A document that
 * comes as a text of JSON is taken; where `media_type` and the document disagree, the document is right.
 */
export function parseSbomReport(document: unknown): Parsed<SbomReport> {
  const reading = new Reading();
  const root = reading.root(document);
  if (root === null) return reading.finish(null);
  const head = parseReportHead(reading, root);
  const sbom = parseDocument(reading, root);
  const mediaType = parseFormat(reading, root, sbom);
  const vendorAttributes = parseVendorAttributes(reading, root, '');
  if (sbom === null || mediaType === null) return reading.finish(null);
  return reading.finish({
    ...head,
    media_type: mediaType,
    sbom,
    ...(vendorAttributes === null ? {} : { vendor_attributes: vendorAttributes }),
  });
}

/** The format that an SBOM is in, by its own words. */
export function findFormatOfSbom(sbom: JsonObject): SbomFormat | null {
  if (typeof own(sbom, 'spdxVersion') === 'string') return SPDX;
  // SPDX 3 is JSON-LD, and says so in its context.
  if (JSON.stringify(own(sbom, '@context') ?? null).includes('spdx')) return SPDX;
  return own(sbom, 'bomFormat') === 'CycloneDX' ? CYCLONEDX : null;
}

function parseDocument(reading: Reading, root: JsonObject): JsonObject | null {
  const value = own(root, 'sbom');
  if (typeof value !== 'string') return reading.object(root, '', 'sbom', { isRequired: true, isFatal: true });
  const parsed = parsedJson(value);
  const isObject = reading.isObject(parsed);
  reading.note('sbom', 'wrong-type', 'is a text, not an object', { isFatal: !isObject });
  return isObject ? parsed : null;
}

function parseFormat(reading: Reading, root: JsonObject, sbom: JsonObject | null): SbomFormat | null {
  const text = reading.text(root, '', 'media_type', { isRequired: true, maxLength: 256 });
  const said = text === null ? null : findSbomFormat(text);
  if (text !== null && said === null) reading.note('media_type', 'invalid', 'is no known format of an SBOM');
  const actual = sbom === null ? null : findFormatOfSbom(sbom);
  if (sbom !== null && actual === null)
    reading.note('sbom', 'invalid', 'is neither SPDX nor CycloneDX', { isFatal: true });
  if (said !== null && actual !== null && said !== actual)
    reading.note('media_type', 'invalid', `is ${said}, but the document is ${actual}`);
  return actual;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
