import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createScannerWorld, type ScannerInstance, type ScannerWorld } from '../testing/scanner-world.js';

let world: ScannerWorld;
let core: ScannerInstance;
/** `first` is the default. */
const uuids: Record<'first' | 'second' | 'third', string> = { first: '', second: '', third: '' };

beforeAll(async () => {
  world = await createScannerWorld();
  core = await world.open();
  for (const name of ['first', 'second', 'third'] as const)
    uuids[name] = await core.registrations.create('test', { name, url: `https://${name}.test` });
});
afterAll(() => world.close());

const namesOf = async (projectId: number): Promise<string[]> =>
  (await core.scanners.forProject(projectId)).map(({ name }) => name);

describe('the scanners of a project', () => {
  it('are the default until it chooses, then its own in its order', async () => {
    const project = await world.addProject();
    expect(await namesOf(project)).toEqual(['first']);
    expect((await core.projectScanners.list(project)).isOwnChoice).toBe(false);
    core.notices.length = 0;
    await core.projectScanners.set('test', project, [uuids.third, uuids.first, uuids.second.toUpperCase()]);
    expect(await namesOf(project)).toEqual(['third', 'first', 'second']);
    expect((await core.projectScanners.list(project)).isOwnChoice).toBe(true);
    await core.projectScanners.set('test', project, [uuids.second]);
    expect(await namesOf(project)).toEqual(['second']);
    await core.projectScanners.set('test', project, []);
    expect(await namesOf(project)).toEqual(['first']);
    expect(core.notices).toEqual([project, project, project]);
  });

  it.each([
    ['one that is not registered', () => ['00000000-0000-7000-8000-000000000000']],
    ['what is no uuid', () => ['first']],
    ['one twice', () => [uuids.second, uuids.second.toUpperCase()]],
    ['more than ten', () => Array.from({ length: 11 }, (_, index) => uuids.first.slice(0, -2) + (10 + index))],
  ])('cannot be %s, and stay as they are', async (_, chosen) => {
    const project = await world.addProject();
    await core.projectScanners.set('test', project, [uuids.third]);
    await expect(core.projectScanners.set('test', project, chosen())).rejects.toMatchObject({
      code: 'INVALID_SCANNER',
    });
    expect(await namesOf(project)).toEqual(['third']);
  });

  it('are what one of two chose who choose at once', async () => {
    const project = await world.addProject();
    const other = await world.open();
    await Promise.all([
      core.projectScanners.set('test', project, [uuids.first, uuids.second]),
      other.projectScanners.set('test', project, [uuids.third, uuids.second]),
    ]);
    expect([
      ['first', 'second'],
      ['third', 'second'],
    ]).toContainEqual(await namesOf(project));
  });

  it('are the default again when the chosen one is deleted', async () => {
    const project = await world.addProject();
    const uuid = await core.registrations.create('test', { name: 'gone', url: 'https://gone.test' });
    await core.projectScanners.set('test', project, [uuid]);
    await core.registrations.delete('test', uuid);
    expect(await namesOf(project)).toEqual(['first']);
  });

  it('go with the project', async () => {
    const project = await world.addProject();
    await core.projectScanners.set('test', project, [uuids.second]);
    await world.database.rows('DELETE FROM project WHERE id = $1', [project]);
    expect(await world.database.rows('SELECT FROM project_scanner WHERE project_id = $1', [project])).toEqual([]);
    await expect(core.projectScanners.set('test', project, [uuids.second])).rejects.toMatchObject({
      kind: 'precondition',
    });
  });

  it('tell who is disabled, and are none where there is no default', async () => {
    const project = await world.addProject();
    const uuid = await core.registrations.create('test', { name: 'off', url: 'https://off.test', isDisabled: true });
    await core.projectScanners.set('test', project, [uuid]);
    expect(await core.scanners.forProject(project)).toMatchObject([{ name: 'off', isDisabled: true }]);
    await core.registrations.delete('test', uuids.first);
    expect(await core.scanners.forProject(await world.addProject())).toEqual([]);
  });
});

describe('the allowlist of the system', () => {
  it('is empty until it is set, and then what was set last', async () => {
    expect(await core.systemAllowlist.get()).toEqual({ cveIds: [], expiresAt: null, createdAt: null, updatedAt: null });
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    await core.systemAllowlist.set('test', { cveIds: ['CVE-1', 'CVE-2'], expiresAt });
    await core.systemAllowlist.set('test', { cveIds: ['CVE-2'], expiresAt: null });
    expect(await core.systemAllowlist.get()).toMatchObject({ cveIds: ['CVE-2'], expiresAt: null });
    expect(core.notices.at(-1)).toBeNull();
  });
});
