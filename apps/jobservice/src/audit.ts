import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { type AuditReport, catalogSchema, createAudit } from '@breakwater/catalog';
import { loadConfig } from '@breakwater/config';
import { Database } from '@breakwater/database';
import { createBlobStore } from '@breakwater/storage';
import { AuditConfig } from './audit.config.js';
import { auditText } from './collection/audit-text.js';

const USAGE = `npm run audit -- [--rehash] [--mark-lost] [--json]

Proves that every blob is there and every stored byte has an owner. May run beside a live system.

  --rehash     reads every byte and compares its digest
  --mark-lost  marks what is missing or corrupt: clients are told to upload it, and the next push of it heals it
  --json       prints the report as JSON

Exit code 0 only when all is well; 1 when something is missing, corrupt, unowned or contradictory; 2 when the
audit itself could not be done.`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rehash: { type: 'boolean', default: false },
      'mark-lost': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const report = await audit(values.rehash, values['mark-lost']);
  console.log(values.json ? JSON.stringify(report, null, 2) : auditText(report));
  return report.isWell ? 0 : 1;
}

async function audit(isRehashing: boolean, isMarking: boolean): Promise<AuditReport> {
  const config = loadConfig(AuditConfig);
  const options = { url: config.database.url, poolSize: 2, applicationName: 'breakwater audit', statementTimeoutMs: 0 };
  const database = await Database.connect(options, catalogSchema);
  const store = createBlobStore(config.storage.options());
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupted.abort(new Error('interrupted')));
  let toldAt = Date.now();
  try {
    return await createAudit(database, store).run(
      {
        isRehashing,
        isMarking,
        onProgress: ({ objects, bytes }) => {
          if (!process.stderr.isTTY || Date.now() - toldAt < 1000) return;
          toldAt = Date.now();
          process.stderr.write(`${objects} objects${isRehashing ? `, ${Math.round(bytes / 2 ** 20)} MiB read` : ''}\r`);
        },
      },
      interrupted.signal,
    );
  } finally {
    await store.close();
    await database.close();
  }
}
