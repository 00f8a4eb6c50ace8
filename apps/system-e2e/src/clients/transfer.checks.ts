import { expect, it } from '@jest/globals';
import type { ClientBench } from './client-bench.js';

/** Images there and back, by somebody who may do both. */
export function describeTransfers({ client, at, project, maintainer }: ClientBench): void {
  it('pushes an image and pulls it back, byte for byte', async () => {
    const image = await client.build();
    const reference = at(`${project()}/app:1.0`);
    expect(await client.push(maintainer(), image, reference)).toMatchObject({ code: 0 });
    expect(await client.pull(maintainer(), reference)).toMatchObject({ identity: image.identity });
  });

  it('pushes the same again and moves a tag to something else', async () => {
    const [first, second] = [await client.build(), await client.build()];
    const reference = at(`${project()}/moved:latest`);
    for (const image of [first, first, second])
      expect(await client.push(maintainer(), image, reference)).toMatchObject({ code: 0 });
    expect(await client.pull(maintainer(), reference)).toMatchObject({ identity: second.identity });
  });

  if (client.buildIndex !== undefined)
    it('pushes two platforms under one name and pulls them', async () => {
      const index = (await client.buildIndex?.()) ?? { source: '', identity: '' };
      const push = client.pushIndex?.bind(client) ?? client.push.bind(client);
      const reference = at(`${project()}/multi:1`);
      expect(await push(maintainer(), index, reference)).toMatchObject({ code: 0 });
      expect(await client.pull(maintainer(), reference)).toMatchObject({ identity: index.identity });
    });
}
