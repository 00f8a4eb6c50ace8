import { compareOperations, type Finding } from './compare-operations.js';
import type { KnownDifference } from './known-differences.js';
import type { OperationShape } from './operation-shape.js';

/** Harbor's operations beside ours. */
export interface ContractOutcome {
  readonly served: readonly OperationShape[];
  readonly missing: readonly OperationShape[];
  /** What differs and has a row that says why. */
  readonly explained: readonly (Finding & { readonly row: KnownDifference })[];
  /** What differs and nobody has said why: the contract test fails. */
  readonly unexplained: readonly Finding[];
  /** Rows about a difference of a served operation that is no more. */
  readonly outdated: readonly KnownDifference[];
  /** Ours beside Harbor's, marked in the document. */
  readonly additions: readonly OperationShape[];
  /** Ours that Harbor's document does not have and that are not marked. */
  readonly unmarked: readonly OperationShape[];
}

export function examineContract(
  harbor: readonly OperationShape[],
  ours: readonly (OperationShape & { readonly isAddition: boolean })[],
  rows: readonly KnownDifference[],
): ContractOutcome {
  const own = new Map(ours.map((operation) => [operation.key, operation]));
  const served = harbor.filter(({ key }) => own.has(key));
  const findings = served.flatMap((theirs) => compareOperations(theirs, own.get(theirs.key) as OperationShape));
  const explanation = ({ operationId, aspect }: Finding): KnownDifference | undefined =>
    rows.find((row) => (row.operation === operationId || row.operation === '*') && row.aspect === aspect);
  const beside = ours.filter(({ key }) => !harbor.some((theirs) => theirs.key === key));
  return {
    served,
    missing: harbor.filter(({ key }) => !own.has(key)),
    explained: findings.flatMap((finding) => {
      const row = explanation(finding);
      return row === undefined ? [] : [{ ...finding, row }];
    }),
    unexplained: findings.filter((finding) => explanation(finding) === undefined),
    outdated: rows.filter(
      (row) =>
        row.aspect !== 'behaviour' &&
        served.some(({ operationId }) => operationId === row.operation) &&
        !findings.some((finding) => explanation(finding) === row),
    ),
    additions: beside.filter(({ isAddition }) => isAddition),
    unmarked: beside.filter(({ isAddition }) => !isAddition),
  };
}

/** docs/api/contract-report.md, whole. */
export function formatContractReport(outcome: ContractOutcome): string {
  const { served, missing, explained, unexplained, additions } = outcome;
  const all = [...served, ...missing];
  const differing = new Set([...explained, ...unexplained].map(({ operationId }) => operationId));
  const tags = [...new Set(all.map(({ tag }) => tag))].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const count = (operations: readonly OperationShape[], tag: string): number =>
    operations.filter((operation) => operation.tag === tag).length;
  return `${[
    "# Harbor's API v2.0, operation by operation",
    '',
    'Generated from our OpenAPI document and `apps/core/contract/harbor-v2.0.operations.json`; do not edit. To write it',
    'again: see apps/core/README.md. Why something differs: [differences.md](differences.md).',
    '',
    `**${served.length} of ${all.length} operations are served**, ${differing.size} of them with a difference in parameters, status codes or fields; ${missing.length} are missing.`,
    '',
    ...table([
      ['Tag', 'Served', 'Missing'],
      ...tags.map((tag) => [tag, `${count(served, tag)}`, `${count(missing, tag)}`]),
    ]),
    '',
    '## Differing',
    '',
    ...orNone([
      ...explained.map(({ operationId, aspect, what, row }) => `- \`${operationId}\` ${aspect} ${what}: ${row.why}`),
      ...unexplained.map(
        ({ operationId, aspect, what }) => `- \`${operationId}\` ${aspect} ${what}: **not explained**`,
      ),
    ]),
    '',
    "## Beside Harbor's",
    '',
    ...orNone(additions.map(({ key, operationId }) => `- \`${key}\` ${operationId}`)),
    '',
    '## Served',
    '',
    ...orNone(served.map(({ key, operationId }) => `- \`${key}\` ${operationId}`)),
    '',
    '## Missing',
    '',
    ...orNone(missing.map(({ key, operationId }) => `- \`${key}\` ${operationId}`)),
  ].join('\n')}\n`;
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['None.'] : lines;
}

/** Aligned as the house's formatter aligns it; the first column to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = (row: readonly string[]): string =>
    line(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
    );
  const rule = line(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [padded(head), rule, ...body.map(padded)];
}
