import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeImageClient } from './image-client.suite.js';
import { Layouts } from './layout-client.js';
import { skopeo } from './skopeo.js';

const LARGE_BYTES = 200 * 1000 * 1000;

describeImageClient(skopeo, {
  more: ({ client, directory, api, at, homeOf }) => {
    it('pushes a layer of 200 MB and pulls it back, byte for byte', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      const image = new Layouts(join(directory, 'large')).image({ layerBytes: [LARGE_BYTES] });
      expect(await client.push(home, image, at(`${project}/large:1`))).toMatchObject({ code: 0 });
      expect(await client.pull(home, at(`${project}/large:1`))).toMatchObject({ identity: image.identity });
    });

    it('copies from one repository to another', async () => {
      const project = await api().project();
      const home = await homeOf(await api().member(project, 'developer'));
      const image = await client.build();
      await client.push(home, image, at(`${project}/source:1`));
      await home.succeed('skopeo', [
        ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false'],
        ...[`docker://${at(`${project}/source:1`)}`, `docker://${at(`${project}/target:1`)}`],
      ]);
      expect(await client.pull(home, at(`${project}/target:1`))).toMatchObject({ identity: image.identity });
    });
  },
});
