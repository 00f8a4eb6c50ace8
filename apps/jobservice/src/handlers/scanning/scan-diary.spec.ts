import type { ScanHappening } from '@breakwater/scanner-client';
import { OutboundUnreachableError } from '@breakwater/outbound';
import { describe, expect, it } from '@jest/globals';
import { diaryOf } from './scan-diary.js';

function linesOf(happenings: readonly ScanHappening[]): string[] {
  const lines: string[] = [];
  const diary = diaryOf({ log: (line) => void lines.push(line) });
  for (const happening of happenings) diary(happening);
  return lines;
}

const NOT_READY = { kind: 'not-ready', status: 302, hintSeconds: null, otherHost: null } as const;

describe('the diary of a scan', () => {
  it('tells of waits ever less often, and of what came', () => {
    const waits = Array.from({ length: 1_800 }, (_, second) => ({
      ...NOT_READY,
      asked: second + 1,
      waitedMs: second * 1_000,
      pauseMs: 1_000,
    }));
    const lines = linesOf([...waits, { kind: 'received', asked: 1_801, waitedMs: 1_800_500, sizeBytes: 77 }]);
    expect(lines).toEqual([
      'not ready (302) after one question in 0.0 s; asked again in 1.0 s',
      ...[5, 10, 20, 40, 80, 160, 320, 640, 1280].map((second) =>
        expect.stringContaining(`after ${second + 1} questions in ${second < 10 ? '5.0' : second} s`),
      ),
      'received 77 bytes after 1801 questions in 1801 s',
    ]);
  });

  it('says what the scanner asked for, and whom it named', () => {
    const wait = { ...NOT_READY, asked: 1, waitedMs: 20, pauseMs: 31_000 };
    expect(linesOf([{ ...wait, hintSeconds: 30, otherHost: '169.254.169.254' }])).toEqual([
      'not ready (302) after one question in 0.0 s; asked again in 31 s, the scanner says 30 s; it names 169.254.169.254, which is not asked',
    ]);
  });

  it('says what went wrong, and nothing that may hold anything', () => {
    const retry = { kind: 'retry', failures: 1, mostFailures: 3, pauseMs: 1_000 } as const;
    const lines = linesOf([
      { ...retry, operation: 'submit', error: new OutboundUnreachableError('lens.test', 'connection refused') },
      { ...retry, operation: 'report', error: new Error('Basic c2Nhbm5lcjpzZWNyZXQ=') },
    ]);
    expect(lines[0]).toBe(
      'handing in the scan failed, 1 of 3; once more in 1.0 s: lens.test cannot be reached: connection refused',
    );
    expect(lines[1]).not.toContain('Basic');
  });
});
