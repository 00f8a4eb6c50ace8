import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Vulnerability } from './vulnerability.js';
import { VulnerabilityReportReader } from './report-reader.js';
import { parseVulnerabilityReport, type VulnerabilityReport } from './vulnerability-report.js';

const head = {
  generated_at: '2026-03-01T10:00:00Z',
  scanner: { name: 'T', vendor: 'A', version: '1' },
  severity: 'Low',
};

describe('a report that is read while it comes in', () => {
  it('is the one that is read at once, wherever it is cut', () => {
    const item = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('id', 'package', 'severity', 'links', 'a"]}\\'), fc.jsonValue()),
    );
    const report = fc.record(
      {
        ...Object.fromEntries(Object.entries(head).map(([key, value]) => [key, fc.constant(value)])),
        vulnerabilities: fc.oneof(fc.array(item), fc.jsonValue()),
        'other "]}': fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        report,
        fc.constantFrom(undefined, 1),
        fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
        (document, indent, sizes) => {
          const text = JSON.stringify(document, null, indent);
          expect(inPieces(text, sizes)).toEqual(parseVulnerabilityReport(JSON.parse(text)).value);
        },
      ),
    );
  });

  it('is no report when it is no JSON', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('', 'x', '}', ',', '"', '\\', '[1'), (place, extra) => {
        const text = JSON.stringify({ ...head, vulnerabilities: [{ id: 'CVE-1', package: 'a', severity: 'Low' }, 2] });
        const at = place % text.length;
        const damaged = text.slice(0, at) + extra + (extra === '' ? '' : text.slice(at));
        expect(inPieces(damaged, [7].values())).toEqual(
          isJson(damaged) ? parseVulnerabilityReport(JSON.parse(damaged)).value : null,
        );
      }),
    );
  });

  it.each(['', 'null', '[]', '"x"', '{}', '{"vulnerabilities":[]} x', '<html>'])('is none when it is %j', (text) =>
    expect(inPieces(text, [1].values())).toBeNull(),
  );

  it('leaves out an item that is larger than anybody needs, and keeps those around it', () => {
    const giant = { id: 'giant', description: 'x'.repeat(5 * 2 ** 20) };
    const small = { id: 'small', package: 'a', severity: 'Low' };
    const value = inPieces(JSON.stringify({ ...head, vulnerabilities: [small, giant, small] }), [65_536].values());
    expect(value?.vulnerabilities.map(({ id }) => id)).toEqual(['small', 'small']);
  });
});

function inPieces(text: string, sizes: Iterator<number>): VulnerabilityReport | null {
  const vulnerabilities: Vulnerability[] = [];
  const reader = new VulnerabilityReportReader((vulnerability) => vulnerabilities.push(vulnerability));
  let size = 1;
  for (let at = 0; at < text.length; at += size) {
    const next = sizes.next();
    if (!next.done) size = next.value;
    reader.write(text.slice(at, at + size));
  }
  const { value } = reader.end();
  return value && { ...value, vulnerabilities };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
