/** The report in Markdown: per scenario a row a server, and our ratio to the best peer. */
export function report({ machine, servers, scenarios, memory, ready }) {
  const lines = [
    '# Performance',
    '',
    'Written by `npm run bench -- --memory --write`: us beside other registries on one machine in one run, rounds',
    'interleaved after one that does not count, medians. *CPU* counts every process of a server; for us that is registry,',
    'core, jobservice, webhook, PostgreSQL, NATS and the supervisor, with authentication and database on; the peers run',
    'without authentication, and sync nothing to the disk. Compare ratios, not absolute figures.',
    '',
    `Machine: ${machine}.`,
    `Servers: ${servers.map(({ name, version }) => `${name} ${version}`).join(', ')}.`,
  ];
  for (const { name, unit, rounds } of scenarios) {
    const rows = Object.entries(rounds).map(([server, results]) => ({
      server,
      perCpu: median(results.map((result) => result.units / Math.max(result.cpu, 0.01))),
      perSecond: median(results.map((result) => result.units / result.seconds)),
      p99: results[0].p99 === undefined ? null : median(results.map((result) => result.p99)),
    }));
    lines.push(
      '',
      `## ${name}`,
      '',
      `| server | ${unit} per CPU second | ${unit} per second |${rows[0].p99 === null ? '' : ' p99 ms |'}`,
    );
    lines.push(`|---|--:|--:|${rows[0].p99 === null ? '' : '--:|'}`);
    for (const row of rows)
      lines.push(
        `| ${row.server} | ${round(row.perCpu)} | ${round(row.perSecond)} |${row.p99 === null ? '' : ` ${row.p99.toFixed(2)} |`}`,
      );
    const [ours, ...peers] = rows;
    for (const peer of peers)
      lines.push(
        '',
        `Ours ÷ ${peer.server}: **${(ours.perCpu / peer.perCpu).toFixed(2)}** per CPU second, **${(ours.perSecond / peer.perSecond).toFixed(2)}** in wall time.`,
      );
  }
  if (memory)
    lines.push(
      '',
      '## Memory of the registry, 8 pushes and 8 pulls of 1 GiB at once',
      '',
      '| storage | most resident MiB | mean of the middle third | mean of the last third |',
      '|---|--:|--:|--:|',
      ...memory.map(
        ({ storage, mostMib, middleMib, lastMib }) =>
          `| ${storage} | ${mostMib.toFixed(0)} | ${middleMib.toFixed(0)} | ${lastMib.toFixed(0)} |`,
      ),
    );
  if (ready)
    lines.push(
      '',
      '## Start',
      '',
      `Ready after ${ready.firstSeconds.toFixed(1)} s on an empty folder, ${ready.secondSeconds.toFixed(1)} s on the second start.`,
    );
  return `${lines.join('\n')}\n`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
