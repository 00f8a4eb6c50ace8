import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exchange } from '../data-plane/http.js';
import { admin, aMember, aProject, basic, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools, type Outcome } from '../system/tools.js';
import { ClientHome } from './client-home.js';
import { crane } from './crane.js';
import { expectRefused } from './expect-refused.js';

/** Signing needs something that is signed: pushed by crane. */
describeWithTools(['crane'], 'signing', () => {
  const directory = aTemporaryFolder('signing');
  const client = crane(join(directory, 'w'));
  let homes = 0;
  let project: string;
  let developer: Credentials;
  let guest: Credentials;

  beforeAll(async () => {
    project = await aProject();
    developer = await aMember(project, 'developer');
    guest = await aMember(project, 'guest');
  });

  const aHome = (): ClientHome => new ClientHome(join(directory, `home-${homes++}`), installation().registry);
  /** @returns `host/repository@digest`. */
  const aPushedImage = async (name: string): Promise<string> => {
    const home = aHome();
    await client.login(home, developer);
    const repository = `${home.registry}/${project}/${name}`;
    expect(await client.push(home, await client.build(), `${repository}:1`)).toMatchObject({ code: 0 });
    const digest = await home.succeed('crane', ['digest', '--insecure', `${repository}:1`]);
    return `${repository}@${digest.trim()}`;
  };
  const referrerTypes = async (image: string): Promise<(string | undefined)[]> => {
    const [, repository, digest] = /^[^/]+\/(.+)@(.+)$/.exec(image) ?? [];
    const url = new URL(`/v2/${repository}/referrers/${digest}`, installation().url);
    const answer = await exchange('GET', url, { headers: { authorization: basic(admin()) } });
    return answer.json<{ manifests: { artifactType?: string }[] }>().manifests.map(({ artifactType }) => artifactType);
  };

  describeWithTools(['cosign'], 'cosign', () => {
    const PASSWORD = { env: { COSIGN_PASSWORD: 'test' } };
    let keys: string;
    let offline: string;
    const login = (home: ClientHome, { username, password }: Credentials): Promise<Outcome> =>
      home.run('cosign', ['login', home.registry, '-u', username, '--password-stdin'], { input: password });
    const sign = (home: ClientHome, image: string, how: readonly string[]): Promise<Outcome> =>
      home.run('cosign', ['sign', '--yes', '--allow-http-registry', '--key', `${keys}.key`, ...how, image], PASSWORD);
    const verify = (home: ClientHome, image: string, how: readonly string[] = []): Promise<Outcome> =>
      home.run('cosign', [
        ...['verify', '--allow-http-registry', '--insecure-ignore-tlog=true', '--private-infrastructure'],
        ...['--key', `${keys}.pub`, ...how, image],
      ]);

    beforeAll(async () => {
      const home = aHome();
      keys = join(directory, 'cosign');
      await home.succeed('cosign', ['generate-key-pair', '--output-key-prefix', keys], PASSWORD);
      offline = join(directory, 'signing-config.json');
      writeFileSync(offline, await home.succeed('cosign', ['signing-config', 'create']));
    });

    describe.each([
      ['as a referrer', () => ['--signing-config', offline], [], 'application/vnd.dev.sigstore.bundle.v0.3+json'],
      [
        'under a tag, as it used to',
        () => ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false'],
        ['--new-bundle-format=false'],
        'application/vnd.oci.image.config.v1+json',
      ],
    ] as const)('that puts the signature %s', (_, how, verifyHow, artifactType) => {
      it('signs and verifies', async () => {
        const [home, image] = [aHome(), await aPushedImage('cosign')];
        expect(await login(home, developer)).toMatchObject({ code: 0 });
        expect((await verify(home, image, verifyHow)).code).not.toBe(0);
        expect(await sign(home, image, how())).toMatchObject({ code: 0 });
        expect(await verify(home, image, verifyHow)).toMatchObject({ code: 0 });
        expect(await referrerTypes(image)).toEqual([artifactType]);
      });

      it('does not let a guest sign, who may verify', async () => {
        const [home, signer, image] = [aHome(), aHome(), await aPushedImage('cosign-guest')];
        await login(home, guest);
        await login(signer, developer);
        expectRefused(await sign(home, image, how()));
        expect(await referrerTypes(image)).toEqual([]);
        expect(await sign(signer, image, how())).toMatchObject({ code: 0 });
        expect(await verify(home, image, verifyHow)).toMatchObject({ code: 0 });
      });
    });
  });

  describeWithTools(['notation'], 'notation', () => {
    let signer: ClientHome;
    const TRUST = {
      version: '1.0',
      trustPolicies: [
        {
          name: 'tests',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:breakwater.example'],
          trustedIdentities: ['*'],
        },
      ],
    };
    const as = ({ username, password }: Credentials): readonly string[] => [
      ...['--insecure-registry', '--username', username, '--password', password],
    ];

    beforeAll(async () => {
      signer = aHome();
      await signer.succeed('notation', ['cert', 'generate-test', '--default', 'breakwater.example']);
      const policy = join(directory, 'trust-policy.json');
      writeFileSync(policy, JSON.stringify(TRUST));
      await signer.succeed('notation', ['policy', 'import', policy]);
    });

    it('has the right password taken only, which it keeps nowhere without a store', async () => {
      const login = (password: string): Promise<Outcome> =>
        aHome().run(
          'notation',
          [...['login', '--insecure-registry', '-u', developer.username, '--password-stdin', installation().registry]],
          { input: password },
        );
      expectRefused(await login('Wrong-password-1'));
      expect((await login(developer.password)).stderr).toContain('could not be saved');
    });

    it.each([
      ['as a referrer', '--force-referrers-tag=false'],
      ['under a tag, for registries that know no referrers', '--force-referrers-tag=true'],
    ])('signs, lists and verifies, with the signature %s', async (_, how) => {
      const image = await aPushedImage('notation');
      const verify = (who: Credentials): Promise<Outcome> => signer.run('notation', ['verify', ...as(who), image]);
      expect((await verify(developer)).code).not.toBe(0);
      expectRefused(await signer.run('notation', ['sign', how, ...as(guest), image]));
      expect(await signer.run('notation', ['sign', how, ...as(developer), image])).toMatchObject({ code: 0 });
      expect(await verify(guest)).toMatchObject({ code: 0 });
      const listed = await signer.succeed('notation', ['list', ...as(guest), image]);
      expect(listed.match(/sha256:[0-9a-f]{64}\s*$/gm)).toHaveLength(2); // the image and its signature
      expect(await referrerTypes(image)).toEqual(['application/vnd.cncf.notary.signature']);
    });
  });
});
