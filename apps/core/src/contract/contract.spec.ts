import { beforeAll, describe, expect, it } from '@jest/globals';
import { readCommittedReport } from './committed-report.js';
import { examineContract, formatContractReport, type ContractOutcome } from './contract-report.js';
import { readHarborOperations } from './harbor-operations.js';
import { readKnownDifferences } from './known-differences.js';
import { readOpenApiOperations } from './openapi-operations.js';
import { describeCore } from '../core.app.js';

let outcome: ContractOutcome;
beforeAll(async () => {
  const ours = readOpenApiOperations(await describeCore('0.0.0'));
  outcome = examineContract(readHarborOperations(), ours, readKnownDifferences());
});

describe("Harbor's API v2.0", () => {
  it('is known whole: 203 operations', () => {
    expect(outcome.served.length + outcome.missing.length).toBe(203);
  });

  it('is served without a difference that nobody has explained in docs/api/differences.md', () => {
    const told = outcome.unexplained.map(({ operationId, aspect, what }) => `${operationId} ${aspect} ${what}`);
    expect(told).toEqual([]);
  });

  it('has no row in docs/api/differences.md about a difference that is gone', () => {
    expect(outcome.outdated.map(({ operation, aspect }) => `${operation} ${aspect}`)).toEqual([]);
  });

  it('is not mixed with operations of our own that are not marked as such', () => {
    expect(outcome.unmarked.map(({ key }) => key)).toEqual([]);
  });

  it('is reported as it is: else run `node apps/core/dist/contract/write-contract-report.js` and commit', () => {
    expect(readCommittedReport()).toBe(formatContractReport(outcome));
  });
});
