import { RepositoryName } from '@breakwater/oci';
import { describe, expect, it } from '@jest/globals';
import { formatChallenge } from './challenge.js';
import { scopesFor } from './need.js';

const name = RepositoryName.parse('team/app');
const origin = 'https://registry.example.com';

describe('formatChallenge', () => {
  it('starts with Bearer and quotes every value, with no query in the realm', () => {
    expect(formatChallenge({ origin, scopes: [] })).toBe(
      'Bearer realm="https://registry.example.com/service/token",service="harbor-registry"',
    );
  });

  it('asks for pull where a pull is tried', () => {
    const scopes = scopesFor({ kind: 'repository', name, action: 'pull' });
    expect(formatChallenge({ origin, scopes })).toContain(',scope="repository:team/app:pull"');
  });

  it('asks for pull and push together: clients that push also read', () => {
    const scopes = scopesFor({ kind: 'repository', name, action: 'push' });
    expect(formatChallenge({ origin, scopes })).toContain(',scope="repository:team/app:pull,push"');
  });

  it('asks for delete alone', () => {
    const scopes = scopesFor({ kind: 'repository', name, action: 'delete' });
    expect(formatChallenge({ origin, scopes })).toContain(',scope="repository:team/app:delete"');
  });

  it('names the source of a mount as a second scope of the same parameter', () => {
    const mountFrom = RepositoryName.parse('team/base');
    const scopes = scopesFor({ kind: 'repository', name, action: 'push', mountFrom });
    expect(formatChallenge({ origin, scopes })).toContain(
      ',scope="repository:team/app:pull,push repository:team/base:pull"',
    );
  });

  it('names the target of a mount within itself once', () => {
    expect(scopesFor({ kind: 'repository', name, action: 'push', mountFrom: name })).toHaveLength(1);
  });

  it('says why a token was not enough', () => {
    const scopes = scopesFor({ kind: 'catalog' });
    expect(formatChallenge({ origin, scopes, error: 'insufficient_scope' })).toMatch(
      /,scope="registry:catalog:\*",error="insufficient_scope"$/,
    );
  });
});
