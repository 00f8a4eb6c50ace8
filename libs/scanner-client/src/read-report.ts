import {
  describeFaults,
  parseSbomReport,
  VulnerabilityReportReader,
  type Fault,
  type SbomReport,
  type Vulnerability,
  type VulnerabilityReportHead,
} from '@breakwater/scanner-spec';
import { OutboundTooLargeError } from '@breakwater/outbound';
import type { ReportFile } from './report-file.js';
import { ScannerAnswerError } from './scanner.errors.js';

/** A report that was understood, with what had to be got over. */
export interface ReadReport<T> {
  readonly report: T;
  readonly faults: readonly Fault[];
}

/**
 * Reads a report of vulnerabilities from disk, piece by piece: constant memory, and nobody is blocked for longer than a
 * piece. Dispose of the file afterwards.
 *
 * @param take  called for some items at a time, one call after the other; they count only if this resolves.
 * @throws ScannerAnswerError  when it is no report; and the signal's reason.
 */
export async function readVulnerabilityReport(
  file: ReportFile,
  take: (items: readonly Vulnerability[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<ReadReport<VulnerabilityReportHead>> {
  const pending: Vulnerability[] = [];
  const reader = new VulnerabilityReportReader((item) => pending.push(item));
  const decoder = new TextDecoder();
  for await (const chunk of file.stream() as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    reader.write(decoder.decode(chunk, { stream: true }));
    while (pending.length >= ITEMS_AT_ONCE) await take(pending.splice(0, ITEMS_AT_ONCE));
  }
  reader.write(decoder.decode());
  const { value, faults } = reader.end();
  if (value === null) throw unusable(faults);
  if (pending.length > 0) await take(pending);
  return { report: value, faults };
}

const ITEMS_AT_ONCE = 500;

/**
 * Reads an SBOM report, whole: the document is kept as one.
 *
 * @throws ScannerAnswerError  when it is no report.
 * @throws OutboundTooLargeError  when it is larger than 64 MiB: more would not fit where documents are kept.
 */
export async function readSbomReport(file: ReportFile): Promise<ReadReport<SbomReport>> {
  if (file.sizeBytes > MOST_SBOM_BYTES) throw new OutboundTooLargeError('the scanner', MOST_SBOM_BYTES);
  const chunks: Buffer[] = [];
  for await (const chunk of file.stream() as AsyncIterable<Buffer>) chunks.push(chunk);
  const { value, faults } = parseSbomReport(parsed(Buffer.concat(chunks).toString('utf8')));
  if (value === null) throw unusable(faults);
  return { report: value, faults };
}

const MOST_SBOM_BYTES = 64 * 2 ** 20;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerAnswerError('report', 'it is no JSON', { cause });
  }
}

function unusable(faults: readonly Fault[]): ScannerAnswerError {
  return new ScannerAnswerError('report', describeFaults(faults.filter(({ isFatal }) => isFatal)));
}
