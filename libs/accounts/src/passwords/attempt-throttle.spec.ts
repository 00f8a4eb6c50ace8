import { beforeEach, describe, expect, it } from '@jest/globals';
import { TooManyAttemptsError } from '../accounts.errors.js';
import { TestClock } from '../testing/test-clock.js';
import { AttemptThrottle, DEFAULT_THROTTLE } from './attempt-throttle.js';

const ATTACKER = '203.0.113.9';
const OFFICE = '198.51.100.4';

describe('AttemptThrottle', () => {
  let clock: TestClock;
  let throttle: AttemptThrottle;
  beforeEach(() => {
    clock = new TestClock();
    throttle = new AttemptThrottle(clock);
  });

  function fail(name: string, source: string | null, times = 1): void {
    for (let index = 0; index < times; index++) throttle.begin(name, source).failed();
  }
  const wait = (name: string, source: string | null): number => {
    try {
      throttle.begin(name, source).abandoned();
      return 0;
    } catch (error) {
      return (error as TooManyAttemptsError).retryAfterSeconds;
    }
  };

  it('lets a few mistakes pass, then doubles the wait up to its limit', () => {
    fail('admin', ATTACKER, 5);
    expect(wait('admin', ATTACKER)).toBe(0);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      fail('admin', ATTACKER);
      expect(wait('admin', ATTACKER)).toBe(seconds);
      clock.advance(seconds * 1000);
    }
    expect(wait('admin', ATTACKER)).toBe(0);
  });

  it('never keeps the owner waiting for what a stranger did elsewhere', () => {
    fail('admin', ATTACKER, 6);
    expect(wait('admin', ATTACKER)).toBe(1);
    expect(wait('admin', OFFICE)).toBe(0);
    expect(wait('ADMIN', ATTACKER)).toBe(1); // whatever the spelling
  });

  it('counts attempts that are still under way', () => {
    const open = Array.from({ length: 6 }, () => throttle.begin('admin', ATTACKER));
    expect(() => throttle.begin('admin', ATTACKER)).toThrow(TooManyAttemptsError);
    for (const attempt of open) attempt.abandoned(); // the database was away: nobody guessed wrong
    expect(wait('admin', ATTACKER)).toBe(0);
    fail('admin', ATTACKER, 6);
    clock.advance(1_000);
    throttle.begin('admin', ATTACKER).abandoned();
    expect(wait('admin', ATTACKER)).toBe(0);
  });

  it('forgets the mistakes of who gets it right', () => {
    fail('admin', OFFICE, 4);
    throttle.begin('admin', OFFICE).succeeded();
    fail('admin', OFFICE, 5);
    expect(wait('admin', OFFICE)).toBe(0);
  });

  it('slows down one source that tries many names, but not names that have signed in from there', () => {
    throttle.begin('carla', OFFICE).succeeded();
    for (let index = 0; index <= DEFAULT_THROTTLE.freePerSource; index++) fail(`guess${index}`, OFFICE);
    expect(wait('another', OFFICE)).toBe(1);
    expect(wait('carla', OFFICE)).toBe(0);
    expect(wait('another', ATTACKER)).toBe(0);
    clock.advance(25 * 60 * 60_000);
    expect(wait('another', OFFICE)).toBe(0);
  });

  it('does not let one right password pay for many wrong ones', () => {
    for (let index = 0; index <= DEFAULT_THROTTLE.freePerSource; index++) {
      clock.advance(30_000);
      fail(`guess${index}`, ATTACKER);
      throttle.begin('accomplice', ATTACKER).succeeded();
    }
    expect(wait('another', ATTACKER)).toBeGreaterThan(0);
  });

  it('forgets after a while without failures', () => {
    fail('admin', ATTACKER, 6);
    clock.advance(DEFAULT_THROTTLE.memoryMs + 1);
    fail('admin', ATTACKER, 5);
    expect(wait('admin', ATTACKER)).toBe(0);
  });

  it('counts the addresses of one IPv6 network as one', () => {
    for (let index = 0; index < 6; index++) fail('admin', `2001:db8:1:2::${index}`);
    expect(wait('admin', '2001:db8:1:2:ffff::1')).toBe(1);
    expect(wait('admin', '2001:db8:1:3::1')).toBe(0);
  });

  it('cannot tell strangers apart without a source, and so slows nobody down', () => {
    fail('admin', null, 100);
    expect(wait('admin', null)).toBe(0);
  });
});
