import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Outcome } from '../system/tools.js';
import type { ClientBench } from './client-bench.js';
import { expectRefused } from './expect-refused.js';
import { statusOf } from './tags.checks.js';

/** Who may do what, as its users see it through the client. */
export function describeRights({ client, api, at, project, maintainer, aHome, homeOf }: ClientBench): void {
  it('logs in with the right password only', async () => {
    const home = aHome();
    expectRefused(await client.login(home, { ...api().admin, password: 'Wrong-password-1' }));
    expect(await client.login(home, api().admin)).toMatchObject({ code: 0 });
  });

  it('pulls but does not push for a guest, and says why', async () => {
    const image = await client.build();
    await client.push(maintainer(), image, at(`${project()}/read:1`));
    const guest = await homeOf(await api().member(project(), 'guest'));
    expect(await client.pull(guest, at(`${project()}/read:1`))).toMatchObject({ identity: image.identity });
    expectRefused(await client.push(guest, await client.build(), at(`${project()}/read:2`)));
    expect(await statusOf(api(), `${project()}/read`, '2')).toBe(404);
  });

  it('tells a stranger the same about a private project as about one that does not exist', async () => {
    const image = await client.build();
    await client.push(maintainer(), image, at(`${project()}/secret:1`));
    const stranger = await homeOf(await api().user());
    const missing = `e2e-${randomBytes(5).toString('hex')}`;
    const tell = async (act: (reference: string) => Promise<Outcome>, of: string): Promise<string> => {
      const outcome = await act(at(`${of}/secret:1`));
      expectRefused(outcome);
      return withoutNoise(outcome).replaceAll(of, 'PROJECT');
    };
    const pull = (reference: string): Promise<Outcome> => client.pull(stranger, reference);
    const push = (reference: string): Promise<Outcome> => client.push(stranger, image, reference);
    expect(await tell(pull, project())).toBe(await tell(pull, missing));
    expect(await tell(push, project())).toBe(await tell(push, missing));
  });

  it('pulls from a public project without credentials, and cannot push there', async () => {
    const [open, image] = [await api().project({ public: 'true' }), await client.build()];
    const owner = await homeOf(await api().member(open, 'developer'));
    expect(await client.push(owner, image, at(`${open}/app:1`))).toMatchObject({ code: 0 });
    const nobody = aHome();
    expect(await client.pull(nobody, at(`${open}/app:1`))).toMatchObject({ identity: image.identity });
    expectRefused(await client.push(nobody, await client.build(), at(`${open}/app:2`)));
  });
}

/** Times, digests, and how many layers were under way when it ended, differ between two runs of the same. */
function withoutNoise({ stdout, stderr }: Outcome): string {
  const lines = `${stdout}\n${stderr}`
    .replaceAll(/time="?[\dT:.+-]+Z?"?/g, 'TIME')
    .replaceAll(/\d{4}[-/]\d{2}[-/]\d{2}[T ][\d:.]+Z?/g, 'TIME')
    .replaceAll(/[0-9a-f]{12,64}/g, 'HEX')
    .split('\n')
    .filter((line) => line !== '' && !line.includes('level=WARN'));
  return [...new Set(lines)].sort().join('\n');
}
