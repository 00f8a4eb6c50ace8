import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepare, readServedOperations, type ServedOperation } from '../testing/actors/ask.js';
import { createWorld, type World } from '../testing/actors/world.js';

// What no client of ours sends: numbers beyond every column, texts that no row can hold. Never our own fault (5xx).

const served = await readServedOperations();
const withParameters = served.filter(({ path }) => path.includes('{'));
const ODD = ['9007199254740991', '2147483648', '-1', '0', '%00', '%ED%A0%80', 'a%2500b', '%25', '..%252f..', "'"];
const QUERIES = [
  'page=90071992547409&page_size=100',
  'page=-5&page_size=-5',
  'q=name=%00',
  'q=id=99999999999999999999',
  'q=creation_time=[9999999-01-01~]',
  'sort=-%00',
];

describe('odd parameters', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it.each(withParameters)('$id answers them', async (operation) => {
    const { parameters = {}, body, headers } = await prepare(world, operation, 'systemAdmin', 'private');
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const { name: project } = world.projects.private;
    const usual = { project_name: project, project_name_or_id: project, ...parameters };
    for (const name of names)
      for (const odd of ODD) {
        const url = pathOf(operation, { ...usual, [name]: null }, odd);
        const { status, text } = await world.caller('systemAdmin').send(operation.method, url, body, headers);
        expect({ url, status, text: status < 500 ? '' : text }).toEqual({ url, status: expect.any(Number), text: '' });
      }
  });

  it.each(served.filter(({ method }) => method === 'GET'))('$id answers odd queries', async (operation) => {
    const { parameters = {}, headers } = await prepare(world, operation, 'systemAdmin', 'private');
    const { name: project } = world.projects.private;
    const path = pathOf(operation, { project_name: project, project_name_or_id: project, ...parameters }, '');
    for (const query of QUERIES) {
      const url = `${path}?${query}`;
      const { status, text } = await world.caller('systemAdmin').send('GET', url, undefined, headers);
      expect({ url, status, text: status < 500 ? '' : text }).toEqual({ url, status: expect.any(Number), text: '' });
    }
  });
});

/** @param odd  in place of the parameter that is null; encoded already. */
function pathOf(
  { path }: ServedOperation,
  parameters: Readonly<Record<string, string | number | null>>,
  odd: string,
): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    return value === null || value === undefined ? odd : encodeURIComponent(value);
  });
}
