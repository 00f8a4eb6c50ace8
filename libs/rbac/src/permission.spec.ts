import { describe, expect, it } from '@jest/globals';
import { findPermission, permission, resourcePath } from './permission.js';

describe('permissions', () => {
  it('are found by their name, and only then', () => {
    expect(findPermission('repository:push')).toEqual({ resource: 'repository', action: 'push' });
    expect(findPermission('repository:fly')).toBeNull();
    expect(findPermission('constructor')).toBeNull();
    expect(permission('project:create')).toEqual({ resource: 'project', action: 'create' });
  });

  it('print the project itself as the scope, or as nothing when relative', () => {
    expect(resourcePath('/project/7', 'repository', false)).toBe('/project/7/repository');
    expect(resourcePath('/project/7', 'repository', true)).toBe('repository');
    expect(resourcePath('/project/7', 'project', false)).toBe('/project/7');
    expect(resourcePath('/project/7', 'project', true)).toBe('');
    expect(resourcePath('/system', 'project', false)).toBe('/system/project');
  });
});
