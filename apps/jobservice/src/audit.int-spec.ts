import { NodeProcess, type Ended } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditReport } from '@breakwater/catalog';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createJobWorld, type JobWorld } from './testing/job-world.js';

const CONTENT = Buffer.from('what was pushed');
const DIGEST = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`;

describe('the audit, as an operator runs it', () => {
  let world: JobWorld;
  let key: string;

  beforeAll(async () => {
    world = await createJobWorld();
    key = await world.write(CONTENT);
    await world.database.rows(
      'INSERT INTO blob (digest, size_bytes, object_key, condemned_at) VALUES ($1, $2, $3, now()) RETURNING id',
      [DIGEST, CONTENT.byteLength, key],
    );
  });
  afterAll(() => world.close());

  const audit = (...args: string[]): Promise<Ended> =>
    new NodeProcess(new URL('./audit.ts', import.meta.url), world.environment, args).ended;

  it('ends with 0 when all is well', async () => {
    const { code, stdout, stderr } = await audit('--rehash');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^blobs +1 \(15 B, 1 condemned\)\n/);
    expect(stdout).toMatch(/\ncorrupt +0 \(15 B read\)\n/);
    expect(stdout).toMatch(/\nAll is well[.]\n$/);
  });

  it('ends with 1 and names what is wrong, for people and for programs', async () => {
    await writeFile(join(world.root, key), 'What was pushed');
    const stray = await world.write(Buffer.from('stray'));
    const [text, json] = await Promise.all([audit('--rehash'), audit('--rehash', '--json')]);
    expect(text).toMatchObject({ code: 1, stderr: '' });
    expect(text.stdout).toContain(`corrupt: ${DIGEST}\nunowned: ${stray}\n\nNot well: see above.`);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(json.stdout) as AuditReport).toMatchObject({
      isWell: false,
      isRehashed: true,
      corrupt: { count: 1, examples: [DIGEST] },
      unowned: { count: 1, examples: [stray] },
      missing: { count: 0, examples: [] },
      totals: { blobs: 1, blobBytes: 15, condemned: 1 },
    });
    await world.store.delete(stray);
    await writeFile(join(world.root, key), CONTENT);
  });

  it('ends with 2 when it cannot be done, whatever the reason', async () => {
    const without = (name: string, value = ''): Promise<Ended> =>
      new NodeProcess(new URL('./audit.ts', import.meta.url), { ...world.environment, [name]: value }).ended;
    const outcomes = await Promise.all([
      audit('--deep'),
      without('BREAKWATER_DATABASE_URL'),
      without('BREAKWATER_DATABASE_URL', 'postgresql://nobody@127.0.0.1:1/nowhere'),
    ]);
    expect(outcomes.map(({ code, stdout }) => ({ code, stdout }))).toEqual(Array(3).fill({ code: 2, stdout: '' }));
    expect(outcomes[0]?.stderr).toContain('--deep');
    expect(outcomes[1]?.stderr).toContain('BREAKWATER_DATABASE_URL');
    expect(outcomes[2]?.stderr).toContain('database');
  });

  it('says how it is used', async () => {
    expect(await audit('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--rehash'), stderr: '' });
  });
});
