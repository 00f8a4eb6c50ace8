import { describe, expect, it } from '@jest/globals';
import { examineContract, formatContractReport } from './contract-report.js';
import { readKnownDifferences } from './known-differences.js';
import type { OperationShape } from './operation-shape.js';

const operation = (operationId: string, isAddition = false): OperationShape & { isAddition: boolean } => ({
  key: `GET /${operationId}`,
  operationId,
  tag: 'user',
  parameters: new Map(),
  body: null,
  responses: new Map(),
  isAddition,
});
const row = { operation: 'a', aspect: 'tag', harbor: 'x', breakwater: 'y', why: 'because' };

describe('examineContract', () => {
  it('sorts operations into served, missing, added and unmarked', () => {
    const outcome = examineContract(
      [operation('a'), operation('b')],
      [operation('a'), operation('new', true), operation('odd')],
      [],
    );
    const ids = (operations: readonly OperationShape[]): string[] => operations.map(({ operationId }) => operationId);
    expect(ids(outcome.served)).toEqual(['a']);
    expect(ids(outcome.missing)).toEqual(['b']);
    expect(ids(outcome.additions)).toEqual(['new']);
    expect(ids(outcome.unmarked)).toEqual(['odd']);
  });

  it('wants a row for each difference, and no row without one', () => {
    const changed = { ...operation('a'), tag: 'users' };
    expect(examineContract([operation('a')], [changed], []).unexplained).toHaveLength(1);
    expect(examineContract([operation('a')], [changed], [row])).toMatchObject({ unexplained: [], outdated: [] });
    expect(examineContract([operation('a')], [operation('a')], [row]).outdated).toEqual([row]);
    expect(examineContract([operation('a')], [], [row]).outdated).toEqual([]);
  });

  it('reports what differs with its reason', () => {
    const report = formatContractReport(
      examineContract([operation('a')], [{ ...operation('a'), tag: 'users' }], [row]),
    );
    expect(report).toContain('**1 of 1 operations are served**, 1 of them with a difference');
    expect(report).toContain("- `a` tag is users, Harbor's user: because");
  });
});

describe('readKnownDifferences', () => {
  it('reads rows of five cells', () => {
    const text =
      '| Operation | Aspect | Harbor | Breakwater | Why |\n| --- | --- | --- | --- | --- |\n| a | tag | x | y | z |\n';
    expect(readKnownDifferences(text)).toEqual([{ ...row, why: 'z' }]);
  });

  it('refuses a row that lacks a cell', () => {
    expect(() => readKnownDifferences('| a | tag | x | y |\n')).toThrow('not a row of five filled cells');
  });
});
