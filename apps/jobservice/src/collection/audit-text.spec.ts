import { describe, expect, it } from '@jest/globals';
import type { AuditReport } from '@breakwater/catalog';
import { auditText } from './audit-text.js';

const WELL: AuditReport = {
  totals: {
    blobs: 3,
    blobBytes: 5 * 2 ** 30,
    condemned: 1,
    trash: 2,
    trashBytes: 1_536,
    deletedArtifacts: 4,
    uploads: 5,
    artifacts: 6,
  },
  missing: { count: 0, examples: [] },
  corrupt: { count: 0, examples: [] },
  unowned: { count: 0, examples: [] },
  bookkeeping: {
    linksHeldByNothing: 0,
    neededLinksOnLease: 0,
    referencesNotFilled: 0,
    wrongCounts: 0,
    blobsOwnedByNothing: 0,
    condemnedYetOwned: 0,
  },
  isRehashed: false,
  rehashedBytes: 0,
  isWell: true,
};

describe('auditText', () => {
  it('counts what there is, and says that all is well', () => {
    expect(auditText(WELL).split('\n')).toEqual([
      'blobs              3 (5.0 GiB, 1 condemned)',
      'artifacts          6 (and 4 deleted ones that can be restored)',
      'uploads under way  5',
      'in trash           2 (1.5 KiB)',
      'missing            0',
      'corrupt            not looked for (--rehash)',
      'unowned            0',
      '',
      'All is well.',
    ]);
  });

  it('names what is wrong, and says so', () => {
    const text = auditText({
      ...WELL,
      missing: { count: 21, examples: ['sha256:1', 'sha256:2'] },
      corrupt: { count: 1, examples: ['sha256:3'] },
      unowned: { count: 1, examples: ['blobs/aa/4'] },
      bookkeeping: { ...WELL.bookkeeping, wrongCounts: 7 },
      rehashedBytes: 0,
      isRehashed: true,
      isWell: false,
    });
    expect(text.split('\n').slice(4)).toEqual([
      'missing            21',
      'corrupt            1 (0 B read)',
      'unowned            1',
      '',
      'missing: sha256:1',
      'missing: sha256:2',
      'missing: … and 19 more',
      'corrupt: sha256:3',
      'unowned: blobs/aa/4',
      'contradiction: wrongCounts: 7',
      '',
      'Not well: see above.',
    ]);
  });
});
