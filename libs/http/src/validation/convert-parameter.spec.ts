import { describe, expect, it } from '@jest/globals';
import { convertParameter } from './convert-parameter.js';

describe('convertParameter', () => {
  it.each([
    ['7', Number, 7],
    ['-1', Number, -1],
    ['+3', Number, 3],
    ['', Number, undefined],
    ['true', Boolean, true],
    ['FALSE', Boolean, false],
    ['0', Boolean, false],
    ['Yes', Boolean, true],
    ['', Boolean, undefined],
    ['', String, ''],
    ['x', String, 'x'],
    [['a', 'b'], String, 'b'],
    [['1', '2'], Number, 2],
    ['a,b,,c', Array, ['a', 'b', 'c']],
    [['a', 'b,c'], Array, ['a', 'b', 'c']],
    [undefined, Number, undefined],
  ])('%p as %p is %p', (given, type, value) => expect(convertParameter(given, type)).toEqual({ value }));

  it.each([
    ['1e3', Number],
    ['0x10', Number],
    [' 1', Number],
    ['9007199254740992', Number],
    ['NaN', Number],
    ['maybe', Boolean],
  ])('%p is no %p', (given, type) => expect(convertParameter(given, type)).toHaveProperty('fault'));
});
