import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createScannerWorld, type ScannerInstance, type ScannerWorld } from '../testing/scanner-world.js';

let world: ScannerWorld;
let core: ScannerInstance;
beforeAll(async () => {
  world = await createScannerWorld();
  core = await world.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.database.rows('DELETE FROM scanner_registration');
  world.adapters.asked.length = 0;
  world.adapters.silent.clear();
  core.notices.length = 0;
});

let made = 0;
const given = (more: object = {}) => ({ name: `scanner ${++made}`, url: `https://s${made}.test`, ...more });
const defaults = async (): Promise<string[]> =>
  (await world.database.rows<{ name: string }>('SELECT name FROM scanner_registration WHERE is_default')).map(
    ({ name }) => name,
  );

describe('registering a scanner', () => {
  it('asks the adapter with what it was given, and stores the credential so that the database alone gives nothing away', async () => {
    const uuid = await core.registrations.create(
      'test',
      given({ auth: 'Basic', credential: 'ann:s3cret', skipsCertVerify: true }),
    );
    expect(world.adapters.asked).toEqual([
      { url: `https://s${made}.test`, auth: 'Basic', credential: 'ann:s3cret', skipsCertVerify: true },
    ]);
    const [row] = await world.database.rows<{ text: string }>(
      'SELECT scanner_registration::text AS text FROM scanner_registration',
    );
    expect(row?.text).not.toContain('s3cret');
    const registration = await core.registrations.get(uuid);
    expect(JSON.stringify(registration)).not.toContain('s3cret');
    expect(await core.scanners.endpointOf(registration.id)).toEqual(world.adapters.asked[0]);
    expect(core.notices).toEqual([null]);
  });

  it('binds a credential to its row and its key', async () => {
    const [one, two] = [
      await core.registrations.create('test', given({ auth: 'Bearer', credential: 'one' })),
      await core.registrations.create('test', given({ auth: 'Bearer', credential: 'two' })),
    ];
    const { id } = await core.registrations.get(one);
    const stranger = await world.open('another key');
    const sealed = { code: 'SCANNER_SEALED', kind: 'internal' };
    await expect(stranger.scanners.endpointOf(id)).rejects.toMatchObject(sealed);
    const registration = await stranger.registrations.get(one);
    expect(await stranger.adapters.supportedKinds([registration])).toEqual([null]);
    await expect(stranger.adapters.metadata(registration)).rejects.toMatchObject(sealed);
    await world.database.rows(
      `UPDATE scanner_registration SET sealed_credential = (SELECT sealed_credential FROM scanner_registration WHERE uuid = $1)
       WHERE uuid = $2`,
      [two, one],
    );
    await expect(core.scanners.endpointOf(id)).rejects.toMatchObject({ code: 'SCANNER_SEALED' });
  });

  it('takes none that does not answer, and none at an address that may not be called', async () => {
    const silent = given();
    world.adapters.silent.add(silent.url);
    await expect(core.registrations.create('test', silent)).rejects.toMatchObject({
      ...{ code: 'SCANNER_UNREACHABLE', kind: 'invalid', message: expect.stringContaining('nobody answers there') },
    });
    const internal = given({ url: 'http://internal.test' });
    await expect(core.registrations.create('test', internal)).rejects.toMatchObject({ code: 'INTERNAL_ADDRESS' });
    await expect(core.registrations.ping(internal)).rejects.toMatchObject({ code: 'INTERNAL_ADDRESS' });
    expect(world.adapters.asked.map(({ url }) => url)).toEqual([silent.url]);
    expect((await core.registrations.list({ limit: 10, offset: 0 })).total).toBe(0);
  });

  it('makes the first one the default, of several at once exactly one', async () => {
    const other = await world.open();
    const both = [given(), given(), given(), given()];
    await Promise.all(both.map((each, index) => (index % 2 ? core : other).registrations.create('test', each)));
    expect(await defaults()).toHaveLength(1);
    await core.registrations.create('test', given());
    expect(await defaults()).toHaveLength(1);
  });

  it('makes no disabled one the default', async () => {
    await core.registrations.create('test', given({ isDisabled: true }));
    expect(await defaults()).toEqual([]);
  });

  it.each(['name', 'url'] as const)('refuses a second one of the same %s', async (field) => {
    const first = given();
    await core.registrations.create('test', first);
    const again = { ...given(), [field]: field === 'url' ? `${first.url}/api/v1/` : first.name };
    await expect(core.registrations.create('test', again)).rejects.toMatchObject({
      code: 'SCANNER_EXISTS',
      detail: { field },
    });
  });
});

describe('changing a scanner', () => {
  it('keeps the credential for the same server, and asks the adapter when the way to it changes', async () => {
    const scanner = given({ auth: 'Bearer', credential: 'kept' });
    const uuid = await core.registrations.create('test', scanner);
    world.adapters.asked.length = 0;
    await core.registrations.update('test', uuid, { ...scanner, credential: '', description: 'other' });
    expect(world.adapters.asked).toEqual([]);
    await core.registrations.update('test', uuid, { ...scanner, credential: '', url: `${scanner.url}/deeper` });
    expect(world.adapters.asked).toMatchObject([{ url: `${scanner.url}/deeper`, credential: 'kept' }]);
    expect(await core.registrations.get(uuid)).toMatchObject({ url: `${scanner.url}/deeper`, description: '' });
  });

  it('sends a stored credential to no other server', async () => {
    const scanner = given({ auth: 'Bearer', credential: 'kept' });
    const uuid = await core.registrations.create('test', scanner);
    const elsewhere = { ...scanner, credential: '', url: 'https://elsewhere.test' };
    await expect(core.registrations.update('test', uuid, elsewhere)).rejects.toMatchObject({
      detail: { field: 'access_credential' },
    });
    expect(world.adapters.asked.some(({ url }) => url.includes('elsewhere'))).toBe(false);
    await core.registrations.update('test', uuid, { ...elsewhere, credential: 'new' });
  });

  it('does not disable the default, nor make a disabled one the default', async () => {
    const first = given();
    const uuid = await core.registrations.create('test', first);
    const refused = { code: 'DEFAULT_SCANNER_DISABLED', kind: 'precondition' };
    await expect(core.registrations.update('test', uuid, { ...first, isDisabled: true })).rejects.toMatchObject(
      refused,
    );
    const disabled = await core.registrations.create('test', given({ isDisabled: true }));
    await expect(core.registrations.makeDefault('test', disabled)).rejects.toMatchObject(refused);
    expect(await defaults()).toEqual([first.name]);
  });

  it('has one default, whoever moves it at the same moment', async () => {
    const uuids = await Promise.all(Array.from({ length: 6 }, () => core.registrations.create('test', given())));
    const other = await world.open();
    await Promise.all(uuids.map((uuid, index) => (index % 2 ? core : other).registrations.makeDefault('test', uuid)));
    expect(await defaults()).toHaveLength(1);
  });

  it('deletes, and leaves no default when it was that one', async () => {
    const scanner = given();
    const uuid = await core.registrations.create('test', scanner);
    await core.registrations.create('test', given());
    expect(await core.registrations.delete('test', uuid)).toMatchObject({ uuid, name: scanner.name, isDefault: true });
    expect(await defaults()).toEqual([]);
    expect(await core.scanners.default()).toBeNull();
    for (const missing of [uuid, 'x'])
      for (const call of [() => core.registrations.get(missing), () => core.registrations.delete('test', missing)])
        await expect(call()).rejects.toMatchObject({ code: 'SCANNER_NOT_FOUND' });
  });
});

describe('the scanner of the settings', () => {
  const URL = 'http://trivy-adapter:8080';
  const find = async () => (await core.registrations.list({ limit: 10, offset: 0 })).items;

  it('is there after the start, the default, from inside, and made once by replicas that start together', async () => {
    const other = await world.open();
    await Promise.all([core.builtIn.ensure(URL), other.builtIn.ensure(`${URL}/`)]);
    expect(await find()).toMatchObject([
      { name: 'Trivy', url: URL, auth: '', usesInternalAddress: true, isDefault: true, isImmutable: true },
    ]);
    expect(world.adapters.asked).toEqual([]); // it may not be up yet
  });

  it('leaves another default alone, and the next start as it is', async () => {
    await core.registrations.create('test', given());
    await core.builtIn.ensure(URL);
    expect((await find()).map(({ name, isDefault }) => [name, isDefault])).toEqual([
      [`scanner ${made}`, true],
      ['Trivy', false],
    ]);
    core.notices.length = 0;
    await core.builtIn.ensure(URL);
    expect(core.notices).toEqual([]);
  });

  it('is changed by the settings and by nobody else', async () => {
    await core.builtIn.ensure(URL);
    const [{ uuid } = { uuid: '' }] = await find();
    const refused = { code: 'SCANNER_IMMUTABLE', kind: 'forbidden' };
    await expect(core.registrations.update('test', uuid, given())).rejects.toMatchObject(refused);
    await expect(core.registrations.delete('test', uuid)).rejects.toMatchObject(refused);
    await core.builtIn.ensure('http://other:8080');
    expect(await find()).toMatchObject([{ uuid, url: 'http://other:8080', isDefault: true }]);
  });

  it('stays, disabled, when the settings name none any more; may be deleted then, and comes back with them', async () => {
    await core.builtIn.ensure(URL);
    await core.builtIn.ensure(null);
    await core.builtIn.ensure(null);
    expect(await find()).toMatchObject([{ name: 'Trivy', isDisabled: true, isDefault: false, isImmutable: false }]);
    const [{ uuid } = { uuid: '' }] = await find();
    await core.builtIn.ensure(URL);
    expect(await find()).toMatchObject([{ uuid, isDisabled: false, isDefault: true, isImmutable: true }]);
    await core.builtIn.ensure(null);
    await core.registrations.delete('test', uuid);
    expect(await find()).toEqual([]);
  });
});

describe('what adapters say of themselves', () => {
  it('is asked once in 30 s, and anew when the registration changes', async () => {
    const scanner = given();
    const uuid = await core.registrations.create('test', scanner);
    world.adapters.asked.length = 0;
    const registration = await core.registrations.get(uuid);
    const kinds = [{ support_vulnerability: false, support_sbom: true }];
    for (let times = 0; times < 3; times++) expect(await core.adapters.supportedKinds([registration])).toEqual(kinds);
    expect((await core.adapters.metadata(registration)).scanner.name).toBe('Lens');
    expect(world.adapters.asked).toHaveLength(1);
    core.clock.advance(30_000);
    await core.adapters.find(registration);
    expect(world.adapters.asked).toHaveLength(2);
    await core.registrations.update('test', uuid, { ...scanner, description: 'changed' });
    await core.adapters.find(await core.registrations.get(uuid));
    expect(world.adapters.asked).toHaveLength(3);
  });

  it('is nothing where an adapter is silent: lists do not ask again for 30 s, whoever asks for it does', async () => {
    const scanner = given();
    const registration = await core.registrations.get(await core.registrations.create('test', scanner));
    world.adapters.asked.length = 0;
    world.adapters.silent.add(scanner.url);
    expect(await core.adapters.supportedKinds([registration])).toEqual([null]);
    expect(await core.adapters.supportedKinds([registration])).toEqual([null]);
    expect(world.adapters.asked).toHaveLength(1);
    const silent = { code: 'SCANNER_UNREACHABLE', message: expect.stringContaining('nobody answers there') };
    await expect(core.adapters.metadata(registration)).rejects.toMatchObject(silent);
    world.adapters.silent.clear();
    expect((await core.adapters.metadata(registration)).scanner.vendor).toBe('Acme');
  });
});
