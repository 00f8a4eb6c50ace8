import 'reflect-metadata';
import { describeCore } from '../core.app.js';
import { writeReport } from './committed-report.js';
import { examineContract, formatContractReport } from './contract-report.js';
import { readHarborOperations } from './harbor-operations.js';
import { readKnownDifferences } from './known-differences.js';
import { readOpenApiOperations } from './openapi-operations.js';

// A program: writes docs/api/contract-report.md from the controllers as they are built.
const ours = readOpenApiOperations(await describeCore('0.0.0'));
const outcome = examineContract(readHarborOperations(), ours, readKnownDifferences());
writeReport(formatContractReport(outcome));
for (const { operationId, aspect, what } of outcome.unexplained) console.error(`${operationId} ${aspect} ${what}`);
console.log(`${outcome.served.length} operations served, ${outcome.unexplained.length} differences without a row`);
process.exitCode = outcome.unexplained.length === 0 ? 0 : 1;
