import { describe, expect, it } from '@jest/globals';
import { csvLine } from './csv.js';

describe('csvLine', () => {
  it.each([
    [['a', '', '1.0'], 'a,,1.0\n'],
    [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"\n'],
    [['=1+1', '+1', '-1', '@SUM(A1)', '\tx'], `'=1+1,'+1,'-1,'@SUM(A1),'\tx\n`],
    [['=HYPERLINK("x","y")'], `"'=HYPERLINK(""x"",""y"")"\n`],
    [['1-2', 'a=b'], '1-2,a=b\n'],
  ])('%j', (cells, line) => expect(csvLine(cells)).toBe(line));
});
