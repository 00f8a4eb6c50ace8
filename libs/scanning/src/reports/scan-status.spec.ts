import { describe, expect, it } from '@jest/globals';
import type { ScanStatus } from './report.js';
import { mergedStatus } from './scan-status.js';

describe('mergedStatus', () => {
  it.each<[ScanStatus[], ScanStatus]>([
    [['Running', 'Stopped', 'Success', 'Error'], 'Running'],
    [['Stopped', 'Success', 'Error'], 'Stopped'],
    [['Success', 'Error'], 'Success'],
    [['Error', 'Error'], 'Error'],
    [['Pending', 'Pending'], 'Pending'],
    [['Scheduled'], 'Scheduled'],
    // Beyond Harbor: what still waits beside what has ended is not over.
    [['Pending', 'Success'], 'Running'],
    [['Scheduled', 'Error'], 'Running'],
    [['Success'], 'Success'],
  ])('%j is %s, in any order', (statuses, merged) => {
    expect(mergedStatus(statuses)).toBe(merged);
    expect(mergedStatus(statuses.toReversed())).toBe(merged);
  });
});
