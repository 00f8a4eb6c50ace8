import { describe, expect, it } from '@jest/globals';
import { isRoleId, Role, strongestRole, weakestRole } from './role.js';

describe('roles', () => {
  it('are ranked by power, not by number', () => {
    expect(strongestRole([5, 2, 4])).toBe(Role.maintainer);
    expect(strongestRole([3, 2])).toBe(Role.developer);
    expect(weakestRole([1, 4, 2])).toBe(Role.developer);
    expect(strongestRole([])).toBeNull();
  });

  it.each([0, 6, 1.5, '1', null])('does not take %p for a role', (value) => expect(isRoleId(value)).toBe(false));
});
