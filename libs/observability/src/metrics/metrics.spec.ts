import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  it('counts, sets and observes under the name of the process', async () => {
    const metrics = new Metrics('registry');
    const pushes = metrics.counter({
      name: 'pushes_total',
      help: 'Pushes.',
      labels: { outcome: ['stored', 'refused'] },
    });
    const backlog = metrics.gauge({ name: 'outbox_events', help: 'Waiting.', labels: {} });
    const size = metrics.histogram({ name: 'blob_bytes', help: 'Sizes.', labels: {}, buckets: [10, 100] });
    pushes.add({ outcome: 'stored' });
    pushes.add({ outcome: 'stored' }, 2);
    backlog.set({}, 5);
    size.observe({}, 50);
    const lines = await exposed(metrics);
    expect(lines).toContain('breakwater_pushes_total{outcome="stored",app="registry"} 3');
    expect(lines).toContain('breakwater_outbox_events{app="registry"} 5');
    expect(lines).toContain('breakwater_blob_bytes_bucket{le="100",app="registry"} 1');
    expect(lines.some((line) => line.startsWith('process_cpu_seconds_total'))).toBe(true);
  });

  it('never makes a series of a value that was not declared', async () => {
    const metrics = new Metrics('registry');
    const pulls = metrics.counter({ name: 'pulls_total', help: 'Pulls.', labels: { kind: ['manifest', 'blob'] } });
    for (const kind of ['team/app', 'team/other', 'constructor']) pulls.add({ kind: kind as 'blob' });
    const series = (await exposed(metrics)).filter((line) => line.startsWith('breakwater_pulls_total'));
    expect(series).toEqual(['breakwater_pulls_total{kind="other",app="registry"} 3']);
  });

  it.each(['Pulls_total', 'pulls', 'breakwater_pulls_total', 'pulls-total'])('refuses the name %s', (name) => {
    expect(() => new Metrics('registry').counter({ name, help: '', labels: {} })).toThrow(TypeError);
  });

  it('refuses labels that would multiply to thousands of series', () => {
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    expect(() => new Metrics('x').counter({ name: 'n_total', help: '', labels: { a: many, b: many } })).toThrow(/2601/);
  });

  it('asks an observed gauge when somebody looks, and keeps the last value when it fails', async () => {
    const metrics = new Metrics('core');
    const answers = [() => 4, () => Promise.reject(new Error('database down'))];
    metrics.observedGauge({ name: 'queue_events', help: 'Waiting.' }, () => answers.shift()?.() ?? 0);
    expect(await exposed(metrics)).toContain('breakwater_queue_events{app="core"} 4');
    expect(await exposed(metrics)).toContain('breakwater_queue_events{app="core"} 4');
  });
});

describe('HttpMetrics', () => {
  it('counts a request once, by route, method and class of status', async () => {
    const metrics = new Metrics('registry');
    const finish = metrics.http.observeRequest('/v2/:name/blobs/:digest', 'GET');
    expect(await exposed(metrics)).toContain('breakwater_http_requests_in_flight{app="registry"} 1');
    finish(200);
    finish(500);
    const lines = await exposed(metrics);
    expect(lines).toContain('breakwater_http_requests_in_flight{app="registry"} 0');
    expect(lines.filter((line) => line.startsWith('breakwater_http_requests_total'))).toEqual([
      'breakwater_http_requests_total{route="/v2/:name/blobs/:digest",method="GET",status="2xx",app="registry"} 1',
    ]);
  });

  it('stays small when it is fed with paths and invented methods', async () => {
    const metrics = new Metrics('registry');
    for (let index = 0; index < 2000; index++) metrics.http.observeRequest(`/path/${index}`, `M${index}`)(404);
    const series = (await exposed(metrics)).filter((line) => line.startsWith('breakwater_http_requests_total'));
    expect(series).toHaveLength(401);
    expect(series.at(-1)).toBe(
      'breakwater_http_requests_total{route="other",method="other",status="404",app="registry"} 1600',
    );
  });
});

async function exposed(metrics: Metrics): Promise<string[]> {
  return (await metrics.exposition()).body.split('\n');
}
