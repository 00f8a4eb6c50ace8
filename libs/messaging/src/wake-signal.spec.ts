import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OutboxFilled } from '@breakwater/contracts';
import { outboxWaker } from './outbox-waker.js';
import { WakeSignal } from './wake-signal.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('WakeSignal', () => {
  it('sleeps its time', async () => {
    const slept = new WakeSignal().sleep(1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await slept).toBe(false);
  });

  it('ends a sleep, and cuts the next one short when nobody slept', async () => {
    const signal = new WakeSignal();
    const slept = signal.sleep(1000);
    signal.wake();
    expect(await slept).toBe(true);
    signal.wake();
    signal.wake();
    expect(await signal.sleep(1000)).toBe(true);
    const again = signal.sleep(1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await again).toBe(false);
  });
});

describe('outboxWaker', () => {
  it('sends one notice for many commits, and another for those that come later', () => {
    const subjects: string[] = [];
    const wake = outboxWaker({ notify: ({ subject }) => subjects.push(subject) }, 5);
    for (let index = 0; index < 100; index++) wake();
    jest.advanceTimersByTime(5);
    expect(subjects).toEqual([OutboxFilled.subject]);
    wake();
    jest.advanceTimersByTime(5);
    expect(subjects).toHaveLength(2);
  });
});
