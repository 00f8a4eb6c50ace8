import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { OciLayout } from '../content/oci-layout.js';
import { admin, aMember, aProject, aUser, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { describeWithTools, run, succeed } from '../system/tools.js';

describeWithTools(['skopeo'], 'skopeo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'e2e-skopeo-'));
  const plain = ['--dest-tls-verify=false', '--src-tls-verify=false'];
  const creds = (who: Credentials): string => `${who.username}:${who.password}`;
  const at = (repository: string): string => `docker://${installation().registry}/${repository}`;
  let project: string;
  let layout: OciLayout;

  beforeAll(async () => {
    project = await aProject();
    layout = new OciLayout(join(directory, 'layout'));
    layout.name('one', layout.addImage());
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const push = (who: Credentials, repository: string): Promise<string> =>
    succeed('skopeo', ['copy', ...plain, '--dest-creds', creds(who), `oci:${layout.directory}:one`, at(repository)]);

  it('logs in with the right password only', async () => {
    const auth = { env: { REGISTRY_AUTH_FILE: join(directory, 'auth.json') } };
    const login = (password: string): Promise<{ code: number; stderr: string }> =>
      run('skopeo', ['login', '--tls-verify=false', '-u', 'admin', '-p', password, installation().registry], auth);
    expect(await login('Wrong-password-1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('invalid username/password'),
    });
    expect(await login(admin().password)).toMatchObject({ code: 0 });
  });

  it('pushes, inspects and pulls an image, byte for byte', async () => {
    await push(admin(), `${project}/app:1.0`);
    const digest = (
      await succeed('skopeo', [
        'inspect',
        '--tls-verify=false',
        '--creds',
        creds(admin()),
        '--format',
        '{{.Digest}}',
        at(`${project}/app:1.0`),
      ])
    ).trim();
    await succeed('skopeo', [
      'copy',
      ...plain,
      '--src-creds',
      creds(admin()),
      at(`${project}/app@${digest}`),
      `dir:${directory}/pulled`,
    ]);
    const pulled = await succeed('skopeo', ['manifest-digest', join(directory, 'pulled/manifest.json')]);
    expect(pulled.trim()).toBe(digest);
  });

  it('copies between repositories, lists tags, and deletes', async () => {
    const developer = await aMember(project, 'maintainer');
    await push(developer, `${project}/source:a`);
    const both = ['--src-creds', creds(developer), '--dest-creds', creds(developer)];
    for (const tag of ['b', 'a', 'C'])
      await succeed('skopeo', ['copy', ...plain, ...both, at(`${project}/source:a`), at(`${project}/target:${tag}`)]);
    const tags = await succeed('skopeo', [
      'list-tags',
      '--tls-verify=false',
      '--creds',
      creds(developer),
      at(`${project}/target`),
    ]);
    expect((JSON.parse(tags) as { Tags: string[] }).Tags).toEqual(['C', 'a', 'b']);
    await succeed('skopeo', ['delete', '--tls-verify=false', '--creds', creds(developer), at(`${project}/target:a`)]);
    const gone = await run('skopeo', [
      'inspect',
      '--tls-verify=false',
      '--creds',
      creds(developer),
      at(`${project}/target:b`),
    ]);
    expect(gone.code).not.toBe(0); // skopeo deletes the manifest, and with it every tag
  });

  it('pushes a multi-arch index with its children and pulls it whole', async () => {
    const images = ['amd64', 'arm64'].map((architecture) => layout.addImage({ architecture }));
    layout.name('multi', layout.addIndex(images));
    await succeed('skopeo', [
      'copy',
      '--all',
      ...plain,
      '--dest-creds',
      creds(admin()),
      `oci:${layout.directory}:multi`,
      at(`${project}/multi:1`),
    ]);
    const raw = await succeed('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      '--creds',
      creds(admin()),
      at(`${project}/multi:1`),
    ]);
    expect((JSON.parse(raw) as { manifests: { digest: string }[] }).manifests.map((child) => child.digest)).toEqual(
      images.map((image) => image.digest),
    );
    await succeed('skopeo', [
      'copy',
      '--all',
      ...plain,
      '--src-creds',
      creds(admin()),
      at(`${project}/multi:1`),
      `oci:${directory}/back:multi`,
    ]);
  });

  it('lets nobody push who may only read, and tells strangers nothing', async () => {
    layout.name('one', layout.addImage());
    const [guest, stranger] = [await aMember(project, 'guest'), await aUser()];
    const pushBy = (who: Credentials): Promise<{ code: number; stderr: string }> =>
      run('skopeo', [
        'copy',
        ...plain,
        '--dest-creds',
        creds(who),
        `oci:${layout.directory}:one`,
        at(`${project}/app:2`),
      ]);
    expect(await pushBy(guest)).toMatchObject({ code: 1, stderr: expect.stringMatching(/unauthorized|denied/) });
    const inspect = async (repository: string): Promise<string> => {
      const { code, stderr } = await run('skopeo', [
        'inspect',
        '--tls-verify=false',
        '--creds',
        creds(stranger),
        at(repository),
      ]);
      expect(code).toBe(1);
      return stderr.replaceAll(/time="[^"]*"/g, '').replaceAll(/(?:no-such-)?e2e-[0-9a-f]+/g, 'PROJECT');
    };
    expect(await inspect(`${project}/app:1.0`)).toBe(await inspect(`no-such-${project}/app:1.0`));
  });

  it('pulls from a public project without credentials', async () => {
    const open = await aProject({ public: 'true' });
    await push(admin(), `${open}/app:1`);
    await succeed('skopeo', ['copy', ...plain, '--src-no-creds', at(`${open}/app:1`), `dir:${directory}/anonymous`]);
  });
});
