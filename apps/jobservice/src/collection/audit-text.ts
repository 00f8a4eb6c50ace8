import type { AuditReport, Finding } from '@breakwater/catalog';

/** The report for people: counts first, then what is wrong by name, then the verdict. */
export function auditText(report: AuditReport): string {
  const { totals, bookkeeping } = report;
  const rows: [string, string][] = [
    ['blobs', `${totals.blobs} (${bytes(totals.blobBytes)}, ${totals.condemned} condemned)`],
    ['artifacts', `${totals.artifacts} (and ${totals.deletedArtifacts} deleted ones that can be restored)`],
    ['uploads under way', String(totals.uploads)],
    ['in trash', `${totals.trash} (${bytes(totals.trashBytes)})`],
    ['missing', String(report.missing.count)],
    [
      'corrupt',
      report.isRehashed ? `${report.corrupt.count} (${bytes(report.rehashedBytes)} read)` : 'not looked for (--rehash)',
    ],
    ['unowned', String(report.unowned.count)],
  ];
  const contradictions = Object.entries(bookkeeping).filter(([, count]) => count > 0);
  const findings = [
    ...named('missing', report.missing),
    ...named('corrupt', report.corrupt),
    ...named('unowned', report.unowned),
    ...contradictions.map(([name, count]) => `contradiction: ${name}: ${count}`),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(findings.length > 0 ? ['', ...findings] : []),
    '',
    report.isWell ? 'All is well.' : 'Not well: see above.',
  ].join('\n');
}

function named(what: string, { count, examples }: Finding): string[] {
  const more = count > examples.length ? [`${what}: … and ${count - examples.length} more`] : [];
  return [...examples.map((name) => `${what}: ${name}`), ...more];
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function bytes(count: number): string {
  const power = count === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  return `${(count / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
