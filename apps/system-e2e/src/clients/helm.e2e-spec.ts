import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { admin, aMember, aProject, aUser, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools, type Outcome } from '../system/tools.js';
import { ClientHome } from './client-home.js';
import { expectRefused } from './expect-refused.js';

const VERSION = '1.2.3+build.5';

describeWithTools(['helm'], 'helm', () => {
  const directory = aTemporaryFolder('helm');
  let homes = 0;
  let project: string;
  let developer: ClientHome;
  let chart: string;

  const aHome = (): ClientHome => new ClientHome(join(directory, `home-${homes++}`), installation().registry);
  const login = (home: ClientHome, { username, password }: Credentials): Promise<Outcome> =>
    home.run('helm', ['registry', 'login', '--plain-http', '-u', username, '--password-stdin', home.registry], {
      input: password,
    });
  const homeOf = async (who: Credentials): Promise<ClientHome> => {
    const home = aHome();
    expect(await login(home, who)).toMatchObject({ code: 0 });
    return home;
  };
  const push = (home: ClientHome, to = project): Promise<Outcome> =>
    home.run('helm', ['push', '--plain-http', chart, `oci://${home.registry}/${to}`]);
  const pull = (home: ClientHome, into: string, from = project): Promise<Outcome> => {
    mkdirSync(into, { recursive: true });
    return home.run('helm', [
      ...['pull', '--plain-http', `oci://${home.registry}/${from}/demo`, '--version', VERSION, '--destination', into],
    ]);
  };

  beforeAll(async () => {
    project = await aProject();
    developer = await homeOf(await aMember(project, 'developer'));
    const source = join(directory, 'demo');
    mkdirSync(join(source, 'templates'), { recursive: true });
    const about = { apiVersion: 'v2', name: 'demo', version: VERSION, description: 'A chart to test with' };
    writeFileSync(join(source, 'Chart.yaml'), JSON.stringify(about));
    writeFileSync(join(source, 'templates/map.yaml'), 'kind: ConfigMap\n');
    await developer.succeed('helm', ['package', source, '--destination', directory]);
    chart = join(directory, `demo-${VERSION}.tgz`);
  });

  it('logs in with the right password only', async () => {
    expectRefused(await login(aHome(), { ...admin(), password: 'Wrong-password-1' }));
    expect(await login(aHome(), admin())).toMatchObject({ code: 0 });
  });

  it('pushes a chart whose version has a plus, shows it and pulls it back, byte for byte', async () => {
    expect(await push(developer)).toMatchObject({ code: 0 });
    const shown = await developer.succeed('helm', [
      ...['show', 'chart', '--plain-http', `oci://${developer.registry}/${project}/demo`, '--version', VERSION],
    ]);
    expect(shown).toContain(`version: ${VERSION}`);
    expect(await pull(developer, join(directory, 'pulled'))).toMatchObject({ code: 0 });
    const pulled = readFileSync(join(directory, 'pulled', `demo-${VERSION}.tgz`));
    expect(pulled.equals(readFileSync(chart))).toBe(true);
  });

  it('pulls but does not push for a guest', async () => {
    const guest = await homeOf(await aMember(project, 'guest'));
    expect(await push(developer)).toMatchObject({ code: 0 });
    expect(await pull(guest, join(directory, 'guest'))).toMatchObject({ code: 0 });
    expectRefused(await push(guest));
  });

  it('pulls from a public project without credentials', async () => {
    const open = await aProject({ public: 'true' });
    const owner = await homeOf(await aMember(open, 'developer'));
    expect(await push(owner, open)).toMatchObject({ code: 0 });
    expect(await pull(aHome(), join(directory, 'anonymous'), open)).toMatchObject({ code: 0 });
    expectRefused(await push(aHome(), open));
  });

  it('tells a stranger the same about a private project as about one that does not exist', async () => {
    const stranger = await homeOf(await aUser());
    const missing = project.replace(/.{4}$/, 'zzzz');
    const tell = async (of: string): Promise<string> => {
      const { code, stderr } = await pull(stranger, join(directory, 'stranger'), of);
      expect(code).not.toBe(0);
      return stderr.replaceAll(of, 'PROJECT');
    };
    expect(await tell(project)).toBe(await tell(missing));
  });
});
