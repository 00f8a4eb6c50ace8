import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeImageClient } from './image-client.suite.js';
import { oras } from './oras.js';

describeImageClient(oras, {
  more: ({ directory, api, at, homeOf }) => {
    it('pushes files as an artifact, attaches one to it, discovers and pulls both', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      const [content, notes] = [randomBytes(70_000), randomBytes(300)];
      const [from, into] = [join(directory, 'files'), join(directory, 'pulled')];
      for (const folder of [from, into]) mkdirSync(folder, { recursive: true });
      writeFileSync(join(from, 'data.bin'), content);
      writeFileSync(join(from, 'notes.txt'), notes);
      const artifact = at(`${project}/artifact:1`);
      const type = (name: string): string => `application/vnd.example.${name}`;

      await home.succeed(
        'oras',
        ['push', '--plain-http', '--artifact-type', type('data'), artifact, `data.bin:${type('bytes')}`],
        { cwd: from },
      );
      await home.succeed(
        'oras',
        ['attach', '--plain-http', '--artifact-type', type('notes'), '--annotation', 'by=tests', artifact, 'notes.txt'],
        { cwd: from },
      );
      const discovered = await home.succeed('oras', ['discover', '--plain-http', '--format', 'json', artifact]);
      const { referrers } = JSON.parse(discovered) as { referrers: { digest: string; artifactType: string }[] };
      expect(referrers).toEqual([
        expect.objectContaining({
          artifactType: type('notes'),
          annotations: expect.objectContaining({ by: 'tests' }) as unknown,
        }),
      ]);
      for (const reference of [artifact, at(`${project}/artifact@${referrers[0]?.digest}`)])
        await home.succeed('oras', ['pull', '--plain-http', '--output', into, reference]);
      expect(readFileSync(join(into, 'data.bin')).equals(content)).toBe(true);
      expect(readFileSync(join(into, 'notes.txt')).equals(notes)).toBe(true);
    });

    it('copies an artifact with its referrers to another repository, by mounting what is there', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      const [source, target] = [at(`${project}/source:1`), at(`${project}/target:1`)];
      writeFileSync(join(directory, 'layer.bin'), randomBytes(100_000));
      const cwd = { cwd: directory };
      await home.succeed('oras', ['push', '--plain-http', source, 'layer.bin:application/octet-stream'], cwd);
      await home.succeed(
        'oras',
        ['attach', '--plain-http', '--artifact-type', 'application/vnd.example.x', '--annotation', 'k=v', source],
        cwd,
      );
      const copied = await home.succeed('oras', [
        ...['cp', '--recursive', '--from-plain-http', '--to-plain-http', '--no-tty', source, target],
      ]);
      expect(copied).toMatch(/Mounted|Copied/);
      const discovered = await home.succeed('oras', ['discover', '--plain-http', '--format', 'json', target]);
      expect((JSON.parse(discovered) as { referrers: unknown[] }).referrers).toHaveLength(1);
    });
  },
});
