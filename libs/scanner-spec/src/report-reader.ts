import { severityRank } from '@breakwater/domain';
import type { Parsed } from './reading/fault.js';
import { ObjectSlicer } from './reading/object-slicer.js';
import { Reading } from './reading/reading.js';
import { worstSeverity } from './severity.js';
import {
  MOST_VULNERABILITIES,
  parseVulnerabilityReportHead,
  type VulnerabilityReportHead,
} from './vulnerability-report.js';
import { parseVulnerability, type Vulnerability } from './vulnerability.js';

/**
 * Reads a report of vulnerabilities while it comes in, with the result of `parseVulnerabilityReport`: a report of
 * hundreds of megabytes costs the memory of its largest item, and blocks nobody for longer than a chunk.
 *
 * @example
 * const reader = new VulnerabilityReportReader((vulnerability) => found.push(vulnerability));
 * for await (const text of texts) reader.write(text);
 * const { value, faults } = reader.end(); // items count only if value is not null
 */
export class VulnerabilityReportReader {
  private readonly reading = new Reading();
  private readonly root: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  private readonly slicer: ObjectSlicer;
  private count = 0;
  private worst = 'None';

  /** @param onVulnerability  called for each item, during `write`. */
  constructor(onVulnerability: (vulnerability: Vulnerability) => void) {
    this.slicer = new ObjectSlicer('vulnerabilities', MOST_PART_CHARS, {
      onList: () => void (this.root['vulnerabilities'] = []),
      onField: (key, text) => void (this.root[key] = this.parsed(key, text)),
      onItem: (text) => this.takeItem(text, onVulnerability),
      onOversized: (where) => this.reading.note(where, 'invalid', 'has a part that is too large and was left out'),
    });
  }

  write(text: string): void {
    this.slicer.write(text);
  }

  end(): Parsed<VulnerabilityReportHead> {
    const fault = this.slicer.end();
    if (fault !== null) this.reading.note('', 'invalid', fault, { isFatal: true });
    // Where it was a list it is empty now; what is left to see is that it was something else.
    this.reading.list(this.root, '', 'vulnerabilities', { isFatal: true, most: 0 });
    return this.reading.finish(parseVulnerabilityReportHead(this.reading, this.root, this.worst));
  }

  private takeItem(text: string, onVulnerability: (vulnerability: Vulnerability) => void): void {
    const path = `vulnerabilities[${this.count++}]`;
    if (this.count > MOST_VULNERABILITIES) {
      if (this.count === MOST_VULNERABILITIES + 1)
        this.reading.note('vulnerabilities', 'invalid', `has more than ${MOST_VULNERABILITIES} items`);
      return;
    }
    const item = this.parsed(path, text);
    if (item === undefined) return;
    const vulnerability = parseVulnerability(this.reading, item, path);
    if (vulnerability === null) return;
    if (severityRank(vulnerability.severity) >= severityRank(this.worst))
      this.worst = worstSeverity([this.worst, vulnerability.severity]);
    onVulnerability(vulnerability);
  }

  /** A part that is no JSON makes the document no JSON. */
  private parsed(path: string, text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      this.reading.note(path, 'invalid', 'is no JSON', { isFatal: true });
      return undefined;
    }
  }
}

/** The largest items known have some 20 KiB. */
const MOST_PART_CHARS = 4 * 2 ** 20;
