import { describe, expect, it } from '@jest/globals';
import { findSeverity, findSeverityThreshold, reachesThreshold, severityRank } from './severity.js';

describe('severity', () => {
  it('orders the words, whatever their case', () => {
    const words = ['critical', 'NONE', 'Negligible', 'high', 'Low', 'Medium'];
    expect(words.toSorted((a, b) => severityRank(a) - severityRank(b))).toEqual([
      'NONE',
      'Negligible',
      'Low',
      'Medium',
      'high',
      'critical',
    ]);
    expect(severityRank('Unknown')).toBe(severityRank('None'));
  });

  it('ranks a word it never heard of above all', () => {
    expect(severityRank('Apocalyptic')).toBe(99);
    expect(severityRank('constructor')).toBe(99);
    expect(findSeverity('Apocalyptic')).toBeNull();
  });

  it.each([
    ['Critical', 'critical'],
    ['LOW', 'low'],
    ['negligible', 'none'],
    ['None', 'none'],
    ['Unknown', null],
    ['', null],
    ['junk', null],
  ])('reads the threshold %p as %p', (word, threshold) => expect(findSeverityThreshold(word)).toBe(threshold));

  it('compares a finding with a threshold', () => {
    expect(reachesThreshold('High', 'high')).toBe(true);
    expect(reachesThreshold('Medium', 'high')).toBe(false);
    expect(reachesThreshold('Unknown', 'none')).toBe(true);
    expect(reachesThreshold('Unknown', 'low')).toBe(false);
    expect(reachesThreshold('Apocalyptic', 'critical')).toBe(true);
  });
});
