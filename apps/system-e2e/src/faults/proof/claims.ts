import type { Cluster } from '../cluster/cluster.js';
import type { RepositoryLedger } from '../load/ledger.js';
import type { Wire } from '../load/wire.js';
import type { WholePuller } from './whole.js';

/**
 * Holds what users were told against what is there. What was pushed and not deleted is whole; what was deleted is
 * gone; of what nobody knows, what is there is whole.
 *
 * @returns what contradicts them.
 */
export async function faultsOfLedger(
  ledger: RepositoryLedger,
  { puller, wire, ports }: { readonly puller: WholePuller; readonly wire: Wire; readonly ports: readonly number[] },
): Promise<string[]> {
  const faults: string[] = [];
  const find = async (reference: string): Promise<string | null> => {
    const answer = await wire.ask(ports, 'HEAD', `/v2/${ledger.name}/manifests/${reference}`);
    if (answer === null || (answer.status !== 200 && answer.status !== 404))
      faults.push(`${ledger.name} ${reference}: HEAD is ${answer?.status ?? 'not answered'}`);
    return answer?.status === 200 ? String(answer.headers['docker-content-digest']) : null;
  };
  for (const [digest, { presence }] of ledger.artifacts) {
    const isThere = (await find(digest)) !== null;
    if (isThere && presence === 'absent') faults.push(`${ledger.name}@${digest} was deleted and is there`);
    if (!isThere && presence === 'present') faults.push(`${ledger.name}@${digest} was pushed and is gone`);
    if (isThere) faults.push(...(await puller.faultsOf(ledger.name, digest)));
  }
  for (const [tag, possible] of ledger.tags) {
    const digest = await find(tag);
    if (!possible.has(digest))
      faults.push(`${ledger.name}:${tag} points to ${digest}, not to ${[...possible].join(' or ')}`);
    if (digest !== null) faults.push(...(await puller.faultsOf(ledger.name, tag)));
  }
  return faults;
}

/** Every artifact in the database, whoever pushed it, pulled whole. @returns what is wrong. */
export async function faultsOfEverything(cluster: Cluster, puller: WholePuller): Promise<string[]> {
  const artifacts = await cluster.rows<{ name: string; digest: string }>(
    'SELECT r.name, a.digest FROM artifact a JOIN repository r ON r.id = a.repository_id ORDER BY a.id',
  );
  const faults: string[] = [];
  for (const { name, digest } of artifacts) faults.push(...(await puller.faultsOf(name, digest)));
  // Nobody here pushes gaps: whatever a manifest names must be held for it.
  const [gaps] = await cluster.rows<{ count: number }>(
    'SELECT count(*)::int AS count FROM artifact_reference WHERE blob_id IS NULL AND child_id IS NULL',
  );
  if (gaps?.count !== 0) faults.push(`${gaps?.count} references of manifests are held by nothing`);
  return faults;
}

/** What lies on the disk is the blobs, byte for byte, and nothing else. @returns what differs. */
export async function faultsOfStorage(cluster: Cluster): Promise<string[]> {
  const blobs = await cluster.rows<{ object_key: string; size_bytes: string }>(
    'SELECT object_key, size_bytes FROM blob',
  );
  const files = new Map((await cluster.storage.files()).map(({ path, sizeBytes }) => [path, sizeBytes]));
  const faults: string[] = [];
  for (const { object_key: key, size_bytes: sizeBytes } of blobs) {
    if (files.get(key) !== Number(sizeBytes))
      faults.push(`${key}: ${files.get(key)} of ${sizeBytes} bytes on the disk`);
    files.delete(key);
  }
  files.delete(PROBE);
  return [...faults, ...[...files.keys()].map((path) => `${path}: belongs to nobody`)];
}

/** What the health checks of all processes write: one object, always the same. */
const PROBE = 'probe/object';
