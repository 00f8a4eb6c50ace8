import { SEVERITY_RANK, type Severity } from '@breakwater/domain';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Vulnerability } from '../vulnerability.js';
import { differenceOf } from './difference.js';
import { findingKey, findingsOf, vulnerabilityOf, type Finding } from './finding.js';
import { mergeFindings } from './merge.js';
import { summarize } from './summary.js';

const severities = Object.keys(SEVERITY_RANK) as Severity[];
const vulnerability = fc.record({
  id: fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3'),
  package: fc.constantFrom('a', 'b'),
  version: fc.constantFrom('1', '2'),
  severity: fc.constantFrom(...severities, 'Apocalyptic'),
  links: fc.subarray(['https://a.test', 'https://b.test']),
});
const list = fc.array(vulnerability, { maxLength: 20 });
const keys = (findings: Iterable<Finding>): string[] => [...findings].map(findingKey).sort();

describe('findings', () => {
  it('are each once, at the worst of their severities, with all links', () => {
    fc.assert(
      fc.property(list, (vulnerabilities) => {
        const findings = findingsOf(vulnerabilities);
        expect(new Set(keys(findings)).size).toBe(findings.length);
        for (const finding of findings) {
          const same = findingsOf(vulnerabilities.filter((one) => isSame(one, finding)));
          expect(same).toEqual([finding]);
          const ranks = vulnerabilities
            .filter((one) => isSame(one, finding))
            .map((one) => findingsOf([one])[0]?.severityRank ?? -1);
          expect(finding.severityRank).toBe(Math.max(...ranks));
        }
      }),
    );
  });

  it('become items of a report again', () => {
    const items: Vulnerability[] = [
      { id: 'CVE-1', package: 'a', version: '1', severity: 'Apocalyptic', links: [] },
      {
        id: 'CVE-2',
        package: 'a',
        version: '1',
        fix_version: '2',
        severity: 'Low',
        status: 'fixed',
        description: 'd',
        links: ['https://x.test'],
        preferred_cvss: { score_v3: 5 },
        cwe_ids: ['CWE-1'],
        vendor_attributes: { a: 1 },
      },
    ];
    expect(findingsOf(items).map(vulnerabilityOf)).toEqual(items);
  });
});

describe('summarize', () => {
  it('counts every finding once, under its severity', () => {
    fc.assert(
      fc.property(list, (vulnerabilities) => {
        const findings = findingsOf(vulnerabilities);
        const summary = summarize(findings);
        expect(Object.values(summary.bySeverity).reduce((sum, count) => sum + count, 0)).toBe(findings.length);
        expect(summary.total).toBe(findings.length);
        expect(summary.severityRank).toBe(Math.max(0, ...findings.map(({ severityRank }) => severityRank)));
      }),
    );
  });

  it.each<[string[], Severity, number]>([
    [[], 'None', 0],
    [['Unknown'], 'Unknown', 0],
    [['Low', 'Critical', 'High'], 'Critical', 5],
    [['Low', 'Apocalyptic'], 'Low', 99],
    [['Apocalyptic'], 'Unknown', 99],
  ])('of %j is %s, of rank %i', (words, severity, severityRank) => {
    const items = words.map((word, index) => ({
      id: `${index}`,
      package: 'p',
      version: '',
      severity: word,
      links: [],
    }));
    expect(summarize(findingsOf(items))).toMatchObject({ severity, severityRank });
  });
});

describe('mergeFindings', () => {
  it('has every finding of every source once, with who reported it and where', () => {
    const source = fc.record({
      scanner: fc.constantFrom('s1', 's2'),
      artifactDigest: fc.constantFrom('d1', 'd2'),
      findings: list.map(findingsOf),
    });
    fc.assert(
      fc.property(fc.array(source, { maxLength: 5 }), (sources) => {
        const merged = mergeFindings(sources);
        expect(keys(merged)).toEqual([...new Set(sources.flatMap(({ findings }) => keys(findings)))].sort());
        for (const finding of merged) {
          const having = sources.filter(({ findings }) => keys(findings).includes(findingKey(finding)));
          expect(new Set(finding.artifactDigests)).toEqual(new Set(having.map(({ artifactDigest }) => artifactDigest)));
          expect(new Set(finding.opinions.map(({ scanner }) => scanner))).toEqual(
            new Set(having.map(({ scanner }) => scanner)),
          );
          expect(finding.severityRank).toBe(Math.max(...finding.opinions.map(({ severityRank }) => severityRank)));
        }
      }),
    );
  });

  it('says which scanner said what', () => {
    const one = (severity: string, fix?: string): Finding[] =>
      findingsOf([
        { id: 'CVE-1', package: 'a', version: '1', severity, links: [], ...(fix ? { fix_version: fix } : {}) },
      ]);
    const [merged] = mergeFindings([
      { scanner: 'trivy', artifactDigest: 'd1', findings: one('Low', '2') },
      { scanner: 'clair', artifactDigest: 'd1', findings: one('High') },
    ]);
    expect(merged).toMatchObject({
      severity: 'High',
      fixVersion: '2',
      opinions: [
        { scanner: 'trivy', severityWord: 'Low', fixVersion: '2' },
        { scanner: 'clair', severityWord: 'High', fixVersion: null },
      ],
    });
  });
});

describe('differenceOf', () => {
  it('takes the one list to the other', () => {
    fc.assert(
      fc.property(list.map(findingsOf), list.map(findingsOf), (before, after) => {
        const { added, fixed, rejudged } = differenceOf(before, after);
        const fixedKeys = new Set(keys(fixed));
        expect([...keys(before).filter((key) => !fixedKeys.has(key)), ...keys(added)].sort()).toEqual(keys(after));
        for (const change of rejudged) expect(change.before.severityWord).not.toBe(change.after.severityWord);
        expect(differenceOf(after, before)).toMatchObject({ added: fixed, fixed: added });
      }),
    );
  });
});

function isSame(vulnerability: Vulnerability, finding: Finding): boolean {
  return findingKey(vulnerability) === findingKey(finding);
}
