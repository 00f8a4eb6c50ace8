import { afterAll, beforeAll, describe } from '@jest/globals';
import { itKeepsHouse } from './testing/housekeeping.suite.js';
import { itReads } from './testing/reading.suite.js';
import { itResumes } from './testing/resuming.suite.js';
import type { StoreUnderTest } from './testing/store-under-test.js';
import { itWrites } from './testing/writing.suite.js';

/** Every driver passes this suite; that is what makes one a fair stand-in for another. */
export function describeBlobStore(driver: string, create: () => Promise<StoreUnderTest>): void {
  describe(`BlobStore: ${driver}`, () => {
    let underTest: StoreUnderTest;
    beforeAll(async () => {
      underTest = await create();
    });
    afterAll(() => underTest.stop());

    describe('writing', () => itWrites(() => underTest));
    describe('resuming', () => itResumes(() => underTest));
    describe('reading', () => itReads(() => underTest));
    describe('housekeeping', () => itKeepsHouse(() => underTest));
  });
}
