import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { RoundRobinProxy } from '../replicas/round-robin-proxy.js';
import { ClientHome } from './client-home.js';
import { describeImageClient } from './image-client.suite.js';
import { Layouts } from './layout-client.js';
import { regctl } from './regctl.js';

describeImageClient(regctl, {
  more: ({ client, directory, api, at, homeOf }) => {
    it('deletes a tag and leaves its manifest to the other one', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'maintainer'));
      const image = await client.build();
      for (const tag of ['keep', 'drop']) await client.push(home, image, at(`${project}/tags:${tag}`));
      await home.succeed('regctl', ['tag', 'rm', at(`${project}/tags:drop`)]);
      expect(await client.listTags?.(home, at(`${project}/tags`))).toEqual(['keep']);
      expect(await client.pull(home, at(`${project}/tags:keep`))).toMatchObject({ identity: image.identity });
    });

    it('puts an artifact beside an image and finds it by what it is', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      const image = at(`${project}/app:1`);
      await client.push(home, await client.build(), image);
      const bill = join(directory, 'bill.json');
      writeFileSync(bill, JSON.stringify({ unique: randomBytes(8).toString('hex') }));
      for (const type of ['application/vnd.example.bill', 'application/vnd.example.other'])
        await home.succeed('regctl', ['artifact', 'put', '--artifact-type', type, '--subject', image, '--file', bill]);
      const list = async (...filter: readonly string[]): Promise<unknown[]> => {
        const printed = await home.succeed('regctl', [
          ...['artifact', 'list', ...filter, '--format', '{{json .Descriptors}}', image],
        ]);
        return JSON.parse(printed) as unknown[];
      };
      expect(await list()).toHaveLength(2);
      expect(await list('--filter-artifact-type', 'application/vnd.example.bill')).toHaveLength(1);
    });

    it('pushes a layer in small chunks', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      await home.succeed('regctl', [
        ...['registry', 'set', '--blob-max', '100000', '--blob-chunk', '70000', '--skip-check', home.registry],
      ]);
      const { source, identity } = new Layouts(join(directory, 'chunked')).image({ layerBytes: [1_000_000] });
      const pushed = await home.run('regctl', [
        ...['--verbosity', 'trace', 'image', 'copy', `ocidir://${source}:it`, at(`${project}/chunks:1`)],
      ]);
      expect(pushed.code).toBe(0);
      expect(pushed.stderr.match(/PATCH/g)?.length).toBeGreaterThan(1_000_000 / 70_000);
      expect(await client.pull(home, at(`${project}/chunks:1`))).toMatchObject({ identity });
    });

    it('falls back to chunks where something on the way takes no large body', async () => {
      const project = await api().project();
      const developer = await api().member(project, 'developer');
      const small = new RoundRobinProxy([Number(new URL(api().url).port)], (request) =>
        request.method === 'PUT' && Number(request.headers['content-length']) > 200_000 ? 413 : null,
      );
      const registry = new URL(await small.listen()).host;
      try {
        const home = new ClientHome(join(directory, 'behind-proxy'), registry);
        expect(await client.login(home, developer)).toMatchObject({ code: 0 });
        const image = new Layouts(join(directory, 'fallback')).image({ layerBytes: [1_000_000] });
        expect(await client.push(home, image, `${registry}/${project}/fallback:1`)).toMatchObject({ code: 0 });
        expect(small.refused).toBeGreaterThan(0);
        expect(await client.pull(home, `${registry}/${project}/fallback:1`)).toMatchObject({
          identity: image.identity,
        });
      } finally {
        await small.close();
      }
    });
  },
});
