import { propertySettings } from '@breakwater/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TargetWindows, type Reaction } from './target-windows.js';

const OPTIONS = { maxPerTarget: 8, maxTotal: 16 };

function counts(windows: TargetWindows, due: readonly number[]): Record<number, number> {
  return Object.fromEntries(windows.allot(due).map(({ targetId, count }) => [targetId, count]));
}

function deliver(windows: TargetWindows, targetId: number, times: number): void {
  for (let index = 0; index < times; index++) {
    windows.begin(targetId);
    windows.end(targetId, 'delivered');
  }
}

describe('TargetWindows', () => {
  it('begins with one and opens up with every delivery', () => {
    const windows = new TargetWindows(OPTIONS, () => 0);
    expect(counts(windows, [1])).toEqual({ 1: 1 });
    deliver(windows, 1, 2);
    expect(counts(windows, [1])).toEqual({ 1: 4 });
    deliver(windows, 1, 9);
    expect(counts(windows, [1])).toEqual({ 1: 8 });
  });

  it('closes by half at a refusal, and to one at silence', () => {
    const windows = new TargetWindows(OPTIONS, () => 0);
    deliver(windows, 1, 9);
    windows.begin(1);
    windows.end(1, 'refused');
    expect(counts(windows, [1])).toEqual({ 1: 4 });
    windows.begin(1);
    windows.end(1, 'silent');
    expect(counts(windows, [1])).toEqual({ 1: 1 });
  });

  it('leaves a target alone for as long as it asked', () => {
    let now = 0;
    const windows = new TargetWindows(OPTIONS, () => now);
    windows.begin(1);
    windows.end(1, 'refused', 5_000);
    expect(counts(windows, [1])).toEqual({ 1: 0 });
    now = 5_000;
    expect(counts(windows, [1])).toEqual({ 1: 1 });
  });

  it('gives what is under way to a suspect no room of the others', () => {
    const windows = new TargetWindows(OPTIONS, () => 0);
    const hanging = Array.from({ length: 16 }, (_, index) => index);
    for (const targetId of hanging) windows.begin(targetId);
    expect(counts(windows, [99])).toEqual({ 99: 0 });
    for (const targetId of hanging) windows.suspect(targetId);
    expect(counts(windows, [99])).toEqual({ 99: 1 });
    // And suspects begin nothing more, once they fill their half.
    expect(counts(windows, [0, 1])).toEqual({ 0: 0, 1: 0 });
  });

  it('gives everybody something, in turn, where there is not enough for all', () => {
    const windows = new TargetWindows({ maxPerTarget: 8, maxTotal: 2 }, () => 0);
    const served = new Set<number>();
    for (let round = 0; round < 3; round++)
      for (const { targetId, count } of windows.allot([1, 2, 3])) if (count > 0) served.add(targetId);
    expect(served).toEqual(new Set([1, 2, 3]));
  });

  it('never gives more than there is, nor forgets what is under way', () => {
    const action = fc.record({
      targetId: fc.integer({ min: 0, max: 11 }),
      does: fc.constantFrom<Reaction | 'begin' | 'slow'>('begin', 'begin', 'delivered', 'refused', 'silent', 'slow'),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const windows = new TargetWindows(OPTIONS, () => 0);
        const underWay = new Map<number, number>();
        const all = Array.from({ length: 12 }, (_, index) => index);
        for (const { targetId, does } of actions) {
          const mine = underWay.get(targetId) ?? 0;
          if (does === 'begin') {
            const { count = 0 } = windows.allot(all).find((each) => each.targetId === targetId) ?? {};
            if (count === 0) continue;
            windows.begin(targetId);
            underWay.set(targetId, mine + 1);
          } else if (does === 'slow') {
            if (mine > 0) windows.suspect(targetId);
          } else if (mine > 0) {
            windows.end(targetId, does);
            underWay.set(targetId, mine - 1);
          }
          const total = [...underWay.values()].reduce((sum, count) => sum + count, 0);
          expect(windows.busy).toBe(total);
          expect(total).toBeLessThanOrEqual(4 * OPTIONS.maxTotal);
          const given = windows.allot(all).reduce((sum, { count }) => sum + count, 0);
          expect(given).toBeLessThanOrEqual(OPTIONS.maxTotal + OPTIONS.maxTotal / 2);
          for (const { targetId: id, count } of windows.allot(all))
            if (count > 0) expect((underWay.get(id) ?? 0) + count).toBeLessThanOrEqual(OPTIONS.maxPerTarget);
        }
        for (const [targetId, count] of underWay)
          for (let index = 0; index < count; index++) windows.end(targetId, 'delivered');
        expect(windows.busy).toBe(0);
        // With nothing under way any more there is room for everybody again, suspects included.
        expect(windows.allot(all).filter(({ count }) => count === 0)).toEqual([]);
      }),
      propertySettings(200),
    );
  });
});
