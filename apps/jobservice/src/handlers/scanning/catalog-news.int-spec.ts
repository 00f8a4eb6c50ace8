import { describeWithNats, eventually, testNats } from '@breakwater/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createScanLab, type ScanLab } from '../../testing/scan-lab.js';

describeWithNats('what is told of artifacts', () => {
  let lab: ScanLab;
  beforeAll(async () => {
    lab = await createScanLab({ BREAKWATER_NATS_URL: (await testNats()).url });
    await lab.world.database.rows(
      `INSERT INTO project_metadata (project_id, key, value)
       VALUES ($1, 'auto_scan', 'true'), ($1, 'auto_sbom_generation', 'true') RETURNING key`,
      [lab.projectId],
    );
  });
  afterAll(() => lab.close());

  it('a push is scanned, its SBOM is made, and one that is deleted is forgotten', async () => {
    const image = await lab.pushImage('pushed', [{ id: 'CVE-1', package: 'zlib', version: '1', severity: 'Medium' }]);
    await eventually(async () => {
      expect(await lab.report(image)).toMatchObject({ status: 'Success', severity: 'Medium', total_count: 1 });
      expect(await lab.report(image, 'sbom')).toMatchObject({ status: 'Success' });
    });
    const { sbom_digests: digests } = await lab.report(image, 'sbom');
    const [mediaType = '', digest] = Object.entries(digests ?? {})[0] ?? [];
    const project = await lab.catalog.projects.find('team');
    if (project === null || digest === undefined) throw new Error('there is nothing to delete');
    const carla = { key: 'user:7', name: 'carla' };
    await lab.catalog.manifests.delete(project, image.name, carla, { kind: 'digest', digest });
    await eventually(async () => {
      const { sbom_digests: left } = await lab.report(image, 'sbom');
      expect(Object.keys(left ?? {})).toEqual(Object.keys(digests ?? {}).filter((type) => type !== mediaType));
    });
  });
});
