import { ScannerMediaType } from '@breakwater/scanner-spec';
import { type Mutant, documents, isReport, list, part, problem, replies, withType } from './mutants.js';

type Document = Record<string, unknown>;

export function reportContentMutants(): Mutant[] {
  return [
    item('C17', 'links are null', (first) => (first['links'] = null)),
    item('C18', 'a score is a text', (first) => (part(first, 'preferred_cvss')['score_v3'] = '7.5')),
    item('C19', 'a severity is another word', (first) => (first['severity'] = 'Moderate')),
    documents('C20', 'the severity is not the worst', 'report', (document) => void (document['severity'] = 'Low')),
    item('C21', 'a link is no address', (first) => (first['links'] = ['CVE-2023-1'])),
    item('C22', 'the fix is what is broken', (first) => (first['fix_version'] = first['version'])),
    item('C23', 'a score is eleven', (first) => (part(first, 'preferred_cvss')['score_v3'] = 11)),
    documents('C24', 'a finding is there twice', 'report', (document) => {
      list(document, 'vulnerabilities').push(list(document, 'vulnerabilities')[0]!);
    }),
    documents('C25', 'another artifact is named', 'report', (document) => {
      part(document, 'artifact')['digest'] = `sha256:${'0'.repeat(64)}`;
    }),
    documents('C26', 'the report is years old', 'report', (document) => {
      document['generated_at'] = '2020-02-01T00:00:00Z';
    }),
    documents('C27', 'another scanner signs', 'report', (document) => {
      part(document, 'scanner')['version'] = '0.9.0';
    }),
    documents('C28', 'nothing is found', 'report', (document) => ({
      ...document,
      severity: 'Unknown',
      vulnerabilities: [],
    })),
  ];
}

export function sbomMutants(): Mutant[] {
  return [
    replies(
      'D1',
      'CycloneDX is declared and not made',
      ({ query }, { status }) => status === 200 && query.get('sbom_media_type') === 'application/vnd.cyclonedx+json',
      problem(500, 'not made'),
    ),
    replies(
      'D2',
      'SBOMs are application/json',
      (call, { status }) => isReport(call) && status === 200,
      (reply) => withType(reply, 'application/json'),
    ),
    replies(
      'D3',
      'a slash in the query is not understood',
      ({ rawTarget }) => rawTarget.includes('=application/'),
      problem(400, 'no'),
    ),
    replies(
      'D4',
      'some format is sent to whoever names none',
      (call, { status }) => status === 400 && !call.query.has('sbom_media_type'),
      some,
    ),
    replies(
      'D5',
      'some format is sent to whoever names an unknown one',
      (call, { status }) => status === 400 && call.query.has('sbom_media_type'),
      some,
    ),
    documents('D6', 'the document is a text', 'sbom', (report) => ({
      ...report,
      sbom: JSON.stringify(report['sbom']),
    })),
    documents('D7', 'the format is not said', 'sbom', (report) => void (report['media_type'] = 'application/json')),
    documents('D8', 'a relationship leads nowhere', 'sbom', (report) => {
      const [first] = list(part(report, 'sbom'), 'relationships');
      if (first) first['relatedSpdxElement'] = 'SPDXRef-Nowhere';
    }),
    documents('D8', 'a dependency leads nowhere', 'sbom', (report) => {
      const [first] = list(part(report, 'sbom'), 'dependencies');
      if (first) first['dependsOn'] = ['nowhere'];
    }),
    documents('D9', 'there are no packages', 'sbom', (report) => {
      const nothing = { packages: [], relationships: [], components: [], dependencies: [] };
      return { ...report, sbom: { ...part(report, 'sbom'), ...nothing } };
    }),
    documents('D10', 'the document does not say of what it is', 'sbom', (report) => ({
      ...report,
      sbom: JSON.parse(JSON.stringify(report['sbom']).replaceAll(/sha256:[0-9a-f]{64}/g, 'latest')) as unknown,
    })),
    documents('D11', 'another artifact is named', 'sbom', (report) => {
      part(report, 'artifact')['digest'] = `sha256:${'0'.repeat(64)}`;
    }),
  ];
}

/** A report whose first finding is changed. */
function item(id: string, what: string, change: (first: Document) => unknown): Mutant {
  return documents(id, what, 'report', (document) => void change(list(document, 'vulnerabilities')[0]!));
}

function some(): { status: number; headers: Record<string, string>; body: string } {
  return { status: 200, headers: { 'Content-Type': ScannerMediaType.SBOM_REPORT }, body: '{"sbom":{}}' };
}
