import { GROUPS } from '../checks/profile.js';
import { type CheckResult, type RunResult, groupOf, isFailure, isWarning } from '../run-checks.js';

/** The report as CI systems read it: a suite for each group, warnings as output of cases that passed. */
export function junitReport({ profile, results, durationMs }: RunResult): string {
  const suites = Object.entries(GROUPS).flatMap(([group, name]) => {
    const cases = results.filter((result) => groupOf(result) === group);
    if (cases.length === 0) return [];
    const attributes = `name="${group} ${escapeXml(name)}" ${counts(cases)} time="${secondsOf(cases)}"`;
    return [`  <testsuite ${attributes}>`, ...cases.flatMap((result) => testCase(result, profile)), '  </testsuite>'];
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="scanner-conformance ${profile}" ${counts(results)} time="${(durationMs / 1000).toFixed(3)}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: CheckResult, profile: string): string[] {
  const { check, came, durationMs } = result;
  const time = (durationMs / 1000).toFixed(3);
  const open = `    <testcase classname="scanner-conformance.${profile}" name="${check.id} ${escapeXml(check.title)}" time="${time}"`;
  const inside = contentOf(result, came);
  return inside === null ? [`${open}/>`] : [`${open}>`, `      ${inside}`, '    </testcase>'];
}

function contentOf(result: CheckResult, came: string): string | null {
  const { check, outcome } = result;
  const details = escapeXml(`asked: ${check.asked}\ncame: ${came}\nsays: ${check.source}\ndo: ${check.advice}`);
  if (isFailure(result)) return `<failure message="${escapeXml(came)}">${details}</failure>`;
  if (isWarning(result)) return `<system-out>warning\n${details}</system-out>`;
  return outcome === 'not-applicable' ? `<skipped message="${escapeXml(came)}"/>` : null;
}

function counts(results: readonly CheckResult[]): string {
  const failures = results.filter(isFailure).length;
  const skipped = results.filter(({ outcome }) => outcome === 'not-applicable').length;
  return `tests="${results.length}" failures="${failures}" skipped="${skipped}"`;
}

function secondsOf(results: readonly CheckResult[]): string {
  return (results.reduce((total, { durationMs }) => total + durationMs, 0) / 1000).toFixed(3);
}

/** Characters that XML 1.0 cannot hold at all are replaced. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
