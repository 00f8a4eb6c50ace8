import { existsSync, rmSync } from 'node:fs';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import { describe } from '../adapter/exchange.js';
import { type ArtifactName, escapedFileName } from '../artifacts/catalogue.js';
import { type Kit, type Scan, describeScan, isHonestFailure } from '../kit.js';
import { type Check, type Verdict, failed, passed } from './check.js';
import { EVERYWHERE, HARBOR, ROBUST, except } from './profile.js';

/** `report`: must be scanned. `answer`: a report or an honest refusal, soon, and the adapter goes on. */
type Expectation = 'report' | 'answer';

interface Demand {
  artifact: ArtifactName;
  what: string;
  expect: Expectation;
  advice: string;
  required?: Check['required'];
  advised?: Check['required'];
}

const OTHERS = except('robust');
const UNSUPPORTED = 'If you cannot scan it, say so: 500 with {"error":{"message":…}}, or 422 when it is submitted.';
const HOSTILE = 'Unpack with limits on bytes, files and time, below a folder of its own, and give up with a reason.';

const DEMANDS: readonly Demand[] = [
  {
    artifact: 'dockerManifest',
    what: 'an image with the manifest of Docker',
    expect: 'report',
    advice: 'Take both dialects of manifests; your metadata say so.',
    required: EVERYWHERE,
  },
  {
    artifact: 'alpine',
    what: 'an OCI image of Alpine',
    expect: 'report',
    advice: 'Take both dialects of manifests; an unknown distribution is an empty report.',
    required: EVERYWHERE,
  },
  {
    artifact: 'plainTar',
    what: 'a layer that is not compressed',
    expect: 'report',
    advice: 'Read +gzip, +zstd and nothing at the end of the layer’s media type.',
  },
  {
    artifact: 'zstd',
    what: 'layers packed with zstd',
    expect: 'report',
    advice: 'Unpack by the layer’s media type; builders pack with zstd more and more.',
  },
  { artifact: 'noLayers', what: 'an image without layers', expect: 'answer', advice: UNSUPPORTED },
  {
    artifact: 'hundredLayers',
    what: 'an image with a hundred layers',
    expect: 'report',
    advice: 'Read layer after layer; do not open all at once.',
  },
  {
    artifact: 'foreignLayers',
    what: 'a layer that no registry holds',
    expect: 'answer',
    advice: `Pass over foreign layers, or refuse. ${UNSUPPORTED}`,
  },
  { artifact: 'windows', what: 'an image for Windows', expect: 'answer', advice: UNSUPPORTED },
  { artifact: 'scratch', what: 'an image with a single program in it', expect: 'answer', advice: UNSUPPORTED },
  {
    artifact: 'whiteouts',
    what: 'an image whose upper layer takes files away',
    expect: 'report',
    advice: 'Apply .wh. files as the OCI image specification says, under "Whiteouts".',
  },
  { artifact: 'wasm', what: 'a WebAssembly module', expect: 'answer', advice: UNSUPPORTED },
  {
    artifact: 'largeManifest',
    what: 'a manifest of almost four megabytes',
    expect: 'answer',
    advice: `Registries take manifests of 4 MiB. ${UNSUPPORTED}`,
  },
  {
    artifact: 'index',
    what: 'an index, handed over as if it were an image',
    expect: 'answer',
    advice: `Registries walk indexes themselves and send the children. ${UNSUPPORTED}`,
    required: ['1.0', '1.1', '1.2', 'robust'],
    advised: HARBOR,
  },
  {
    artifact: 'manyFindings',
    what: 'an image with thousands of packages',
    expect: 'report',
    advice: 'Write the report once, to where it is served from; Harbor gives up after five seconds of download.',
    required: ['robust', 'harbor-strict'],
    advised: [],
  },
  { artifact: 'bomb', what: 'a layer that unpacks to a thousand times its size', expect: 'answer', advice: HOSTILE },
  { artifact: 'traversal', what: 'a layer with paths that lead out of it', expect: 'answer', advice: HOSTILE },
  { artifact: 'symlinkLoop', what: 'a layer whose links go in circles', expect: 'answer', advice: HOSTILE },
  { artifact: 'hardLinkBomb', what: 'a layer with thousands of names of one file', expect: 'answer', advice: HOSTILE },
  { artifact: 'sparse', what: 'a file that is mostly a hole', expect: 'answer', advice: HOSTILE },
];

const NOT_IN_SHORT_PROFILES: ReadonlySet<ArtifactName> = new Set<ArtifactName>([
  'bomb',
  'hardLinkBomb',
  'largeManifest',
]);

/** What adapters meet in registries. Order and ids are stable: new demands go to the end. */
export const ARTIFACT_CHECKS: readonly Check[] = DEMANDS.map((demand, index) => {
  const { artifact, what, expect, advice, required = ROBUST } = demand;
  const advised = demand.advised ?? (NOT_IN_SHORT_PROFILES.has(artifact) ? [] : OTHERS);
  return {
    id: `F${index + 1}`,
    title: expect === 'report' ? `scans ${what}` : `comes to an end with ${what}`,
    asked: `a scan of ${what}`,
    source: 'OCI image specification; what registries are sent',
    advice,
    required,
    advised: advised.filter((profile) => !required.includes(profile)),
    run: (kit) => judge(kit, artifact, expect),
  };
});

async function judge(kit: Kit, artifact: ArtifactName, expect: Expectation): Promise<Verdict> {
  const scan = await kit.scan(artifact);
  const came = describeScan(scan, kit.tooLate);
  const isAnswered = scan.last?.status === 200 || (expect === 'answer' && isHonestFailure(scan));
  if (!isAnswered) return failed(came);
  const after = await kit.adapter.get('/api/v1/metadata', { Accept: ScannerMediaType.METADATA });
  if (after.status !== 200) return failed(`${came}\nafterwards: ${describe(after)}`);
  const escaped = escapedFile(kit, scan);
  if (!existsSync(escaped)) return passed(came);
  rmSync(escaped);
  return failed(`the scan has written ${escaped}`);
}

/** Seen where the adapter shares the file system with the kit. */
function escapedFile(kit: Kit, { repository }: Scan): string {
  return `/tmp/${escapedFileName(kit.saltOf(repository.name))}`;
}
