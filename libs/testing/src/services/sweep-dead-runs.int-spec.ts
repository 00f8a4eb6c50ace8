import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepDeadRuns, TEMPORARY_PREFIX } from './sweep-dead-runs.js';

it('removes the folder and the processes of a run that is dead, and leaves a living run alone', async () => {
  const jest = spawn('true');
  await once(jest, 'exit');
  const dead = await mkdtemp(join(tmpdir(), `${TEMPORARY_PREFIX}${jest.pid}-`));
  const living = await mkdtemp(join(tmpdir(), `${TEMPORARY_PREFIX}${process.pid}-`));
  const server = spawn('tail', ['--retry', '-f', join(dead, 'server.log')], { stdio: 'ignore' });
  const gone = once(server, 'exit');

  await sweepDeadRuns();

  expect(await gone).toEqual([null, 'SIGKILL']);
  await expect(access(dead)).rejects.toMatchObject({ code: 'ENOENT' });
  await access(living);
  await rm(living, { recursive: true });
});
