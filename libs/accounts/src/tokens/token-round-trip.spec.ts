import { beforeAll, describe, expect, it } from '@jest/globals';
import { RepositoryName } from '@breakwater/oci';
import { allows, ANONYMOUS, REGISTRY_ACTIONS, type TokenAccess, type UserActor } from '@breakwater/rbac';
import fc from 'fast-check';
import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
} from 'jose';
import { InvalidTokenError } from '../accounts.errors.js';
import { TestClock } from '../testing/test-clock.js';
import { REGISTRY_TOKEN_TYPE } from './registry-claims.js';
import { DEFAULT_TOKENS, TokenIssuer } from './token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

const USER: UserActor = { kind: 'user', accountId: 7, name: 'carla', isSystemAdmin: false, incarnation: 'carla-1' };
const PROJECTS = { team: 'team-1', constructor: 'constructor-1', other: 'other-1' };

describe('tokens of the registry', () => {
  let publicKey: CryptoKey;
  let publicJwk: JWK;
  let privateKey: CryptoKey;
  let stranger: CryptoKey;
  let strangerJwk: JWK;
  let clock: TestClock;

  beforeAll(async () => {
    ({ publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true }));
    publicJwk = await exportJWK(publicKey);
    const pair = await generateKeyPair('ES256', { extractable: true });
    stranger = pair.privateKey;
    strangerJwk = await exportJWK(pair.publicKey);
  });

  function setUp(options = DEFAULT_TOKENS) {
    clock = new TestClock(new Date('2026-01-01T00:00:00Z'));
    const trusted = new Set(['k1']);
    const keys = {
      current: () => Promise.resolve({ kid: 'k1', privateKey }),
      find: (kid: string) => Promise.resolve(trusted.has(kid) ? publicKey : null),
    };
    return { issuer: new TokenIssuer(keys, clock, options), verifier: new TokenVerifier(keys, clock), trusted };
  }

  const repository = fc
    .tuple(
      fc.constantFrom('team', 'constructor', 'other', 'unknown'),
      fc.stringMatching(/^[a-z0-9]{1,20}(\/[a-z0-9]{1,9})?$/),
    )
    .map(([project, rest]) => RepositoryName.parse(`${project}/${rest}`));
  const access: fc.Arbitrary<TokenAccess[]> = fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant('repository' as const),
        name: repository,
        actions: fc.subarray([...REGISTRY_ACTIONS]),
      }),
      fc.constant<TokenAccess>({ type: 'registry', name: 'catalog', actions: ['*'] }),
    ),
    { maxLength: 64 },
  );

  it('say what they were issued for, and never more', async () => {
    const { issuer, verifier } = setUp();
    await fc.assert(
      fc.asyncProperty(access, fc.boolean(), async (granted, isAnonymous) => {
        const issued = await issuer.issue(isAnonymous ? ANONYMOUS : USER, granted, PROJECTS);
        const token = await verifier.verify(issued.token);
        expect(token.access).toEqual(issued.access);
        expect(token.account).toEqual(isAnonymous ? null : { id: 7, incarnation: 'carla-1' });
        for (const entry of token.access) {
          if (entry.type === 'registry') expect(granted).toContainEqual(entry);
          else for (const action of entry.actions) expect(allows(granted, entry.name, action)).toBe(true);
          if (entry.type === 'repository') {
            const project = RepositoryName.projectOf(entry.name) as keyof typeof PROJECTS;
            expect(token.projects[project]).toBe(PROJECTS[project]); // nothing without the project it ends with
          }
        }
        expect(issued.token.length).toBeLessThan(8_000);
      }),
      { numRuns: 60 },
    );
  });

  it('never verify once any character of them was changed', async () => {
    const { issuer, verifier } = setUp();
    const { token } = await issuer.issue(USER, [], PROJECTS);
    await verifier.verify(token);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.='.split('');
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...characters), async (position, character) => {
        fc.pre(token[position] !== character);
        const changed = token.slice(0, position) + character + token.slice(position + 1);
        // The last character of the signature holds two bits that base64url ignores; nothing else may vary.
        if (position === token.length - 1 && sameBytes(changed, token)) return;
        await expect(verifier.verify(changed)).rejects.toThrow(InvalidTokenError);
      }),
      { numRuns: 300 },
    );
  });

  it('carry Harbor’s claims and our own ties', async () => {
    const { issuer } = setUp();
    const name = RepositoryName.parse('team/app');
    const { token, expiresInSeconds, issuedAt } = await issuer.issue(
      USER,
      [{ type: 'repository', name, actions: ['pull'] }],
      PROJECTS,
    );
    const [header, payload] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
    expect(header).toEqual({ alg: 'ES256', typ: 'registry+jwt', kid: 'k1' });
    expect(payload).toEqual({
      iss: 'breakwater-token-issuer',
      aud: 'harbor-registry',
      sub: 'carla',
      iat: 1767225600,
      nbf: 1767225600,
      exp: 1767227400,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      access: [{ type: 'repository', name: 'team/app', actions: ['pull'] }],
      account: { id: 7, incarnation: 'carla-1' },
      projects: { team: 'team-1' },
    });
    expect([expiresInSeconds, issuedAt.toISOString()]).toEqual([1800, '2026-01-01T00:00:00.000Z']);
  });

  it('live at least a minute, whatever was configured', async () => {
    const { issuer } = setUp({ ...DEFAULT_TOKENS, ttlSeconds: 5 });
    expect((await issuer.issue(ANONYMOUS, [], {})).expiresInSeconds).toBe(60);
  });

  it('leave out what does not fit, from the end', async () => {
    const { issuer, verifier } = setUp();
    const long = (index: number) => RepositoryName.parse(`team/${'x'.repeat(200)}${index}`);
    const granted = Array.from({ length: 64 }, (_, index): TokenAccess => ({
      type: 'repository',
      name: long(index),
      actions: ['pull'],
    }));
    const issued = await issuer.issue(USER, granted, PROJECTS);
    expect(issued.access.length).toBeGreaterThan(10);
    expect(issued.access).toEqual(granted.slice(0, issued.access.length));
    expect(issued.token.length).toBeLessThan(8_000);
    expect((await verifier.verify(issued.token)).access).toHaveLength(issued.access.length);
  });

  it('end on time, with a minute of leeway, also for who has used them before', async () => {
    const { issuer, verifier } = setUp();
    const { token } = await issuer.issue(USER, [], {});
    await verifier.verify(token);
    clock.advance(1_859_000);
    await verifier.verify(token);
    clock.advance(1_000);
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'expired' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('are not believed before their time', async () => {
    const { issuer, verifier } = setUp();
    clock.advance(61_000);
    const { token } = await issuer.issue(USER, [], {});
    clock.advance(-61_000);
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'not-yet-valid' });
    clock.advance(1_000);
    await verifier.verify(token);
  });

  it('end with their key, also for who has used them before', async () => {
    const { issuer, verifier, trusted } = setUp();
    const { token } = await issuer.issue(USER, [], {});
    await verifier.verify(token);
    trusted.delete('k1');
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'unknown-key' });
  });

  describe('made by others', () => {
    const CLAIMS = {
      ...{ iss: DEFAULT_TOKENS.issuer, aud: DEFAULT_TOKENS.audience, sub: 'admin', jti: 'x' },
      ...{ iat: 1767225600, nbf: 1767225600, exp: 1767227400 },
      ...{ access: [], projects: {}, account: { id: 1, incarnation: 'admin-1' } },
    };
    const HEADER = { alg: 'ES256', typ: REGISTRY_TOKEN_TYPE, kid: 'k1' };

    it('pass only when all is as we make it', async () => {
      const { verifier } = setUp();
      const ours = await new SignJWT(CLAIMS).setProtectedHeader(HEADER).sign(privateKey);
      expect(await verifier.verify(ours)).toMatchObject({ account: { id: 1, incarnation: 'admin-1' } });
    });

    it.each<[string, () => Promise<string> | string, string]>([
      ['no algorithm', () => new UnsecuredJWT(CLAIMS).encode(), 'malformed'],
      [
        'no algorithm, with our key’s name',
        () =>
          [{ ...HEADER, alg: 'none' }, CLAIMS]
            .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
            .join('.') + '.',
        'malformed',
      ],
      [
        'our public key as an HMAC secret',
        async () =>
          new SignJWT(CLAIMS)
            .setProtectedHeader({ ...HEADER, alg: 'HS256' })
            .sign(Buffer.from(await exportSPKI(publicKey))),
        'malformed',
      ],
      [
        'our public JWK as an HMAC secret',
        () =>
          new SignJWT(CLAIMS)
            .setProtectedHeader({ ...HEADER, alg: 'HS256' })
            .sign(Buffer.from(JSON.stringify(publicJwk).padEnd(32))),
        'malformed',
      ],
      [
        'another key under our key’s name',
        () => new SignJWT(CLAIMS).setProtectedHeader(HEADER).sign(stranger),
        'bad-signature',
      ],
      [
        'another key that the header brings along',
        () => new SignJWT(CLAIMS).setProtectedHeader({ ...HEADER, jwk: strangerJwk }).sign(stranger),
        'bad-signature',
      ],
      [
        'another key that the header brings along, without a name',
        () =>
          new SignJWT(CLAIMS)
            .setProtectedHeader({ alg: 'ES256', typ: REGISTRY_TOKEN_TYPE, jwk: strangerJwk })
            .sign(stranger),
        'unknown-key',
      ],
      [
        'a key to be fetched',
        () =>
          new SignJWT(CLAIMS)
            .setProtectedHeader({ ...HEADER, kid: 'k2', jku: 'https://evil.example/jwks' })
            .sign(stranger),
        'unknown-key',
      ],
      [
        'another type of token',
        () => new SignJWT(CLAIMS).setProtectedHeader({ ...HEADER, typ: 'JWT' }).sign(privateKey),
        'malformed',
      ],
      [
        'no type',
        () => new SignJWT(CLAIMS).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey),
        'malformed',
      ],
      ['another audience', () => sign({ ...CLAIMS, aud: 'somebody-else' }), 'wrong-audience'],
      ['no audience', () => sign({ ...CLAIMS, aud: undefined }), 'wrong-audience'],
      ['another issuer', () => sign({ ...CLAIMS, iss: 'somebody-else' }), 'malformed'],
      ['no end', () => sign({ ...CLAIMS, exp: undefined }), 'malformed'],
      ['no date', () => sign({ ...CLAIMS, iat: undefined }), 'malformed'],
      ['no beginning', () => sign({ ...CLAIMS, nbf: undefined }), 'malformed'],
      ['no access', () => sign({ ...CLAIMS, access: undefined }), 'malformed'],
      [
        'an unknown action',
        () => sign({ ...CLAIMS, access: [{ type: 'repository', name: 'team/app', actions: ['*'] }] }),
        'malformed',
      ],
      [
        'an impossible name',
        () => sign({ ...CLAIMS, access: [{ type: 'repository', name: '../x', actions: ['pull'] }] }),
        'malformed',
      ],
      ['an account without incarnation', () => sign({ ...CLAIMS, account: { id: 1 } }), 'malformed'],
      ['an account that is null', () => sign({ ...CLAIMS, account: null }), 'malformed'],
      [
        'no claims at all',
        () => new CompactSign(Buffer.from('hello')).setProtectedHeader(HEADER).sign(privateKey),
        'malformed',
      ],
      ['nothing', () => '', 'malformed'],
      ['a password', () => 'Correct-horse-7', 'malformed'],
      ['a flood', () => 'x.'.repeat(100_000), 'malformed'],
    ])('with %s are refused', async (_, make, reason) => {
      const { verifier } = setUp();
      await expect(verifier.verify(await make())).rejects.toMatchObject({
        code: 'INVALID_TOKEN',
        kind: 'unauthenticated',
        reason,
      });
    });

    const sign = (claims: object): Promise<string> =>
      new SignJWT({ ...claims }).setProtectedHeader(HEADER).sign(privateKey);
  });
});

function sameBytes(one: string, two: string): boolean {
  const [first, second] = [one, two].map((token) => Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url'));
  return first !== undefined && second !== undefined && first.equals(second);
}
