import { ScannerMediaType } from '@breakwater/scanner-spec';
import { type Exchange, describe } from '../adapter/exchange.js';
import { type Kit, type Question, describeScan, idOf, isHonestFailure } from '../kit.js';
import { checks, failed, passed, verdictOf } from './check.js';
import { ROBUST, except } from './profile.js';

const SOURCE = 'good practice';

export const ROBUSTNESS_CHECKS = checks([
  {
    id: 'G1',
    title: 'accepts more scans than it can do at once, each within five seconds',
    asked: 'many scans at once, while the fixture registry holds all layers back',
    source: 'Harbor gives up after five seconds; pluggable scanner spec: POST enqueues',
    advice: 'Put scans into a queue that the one who answers POST does not wait for.',
    required: ['robust', 'harbor-strict'],
    advised: ['1.0', '1.1', '1.2'],
    async run(kit) {
      const { submitted } = await busyTime(kit);
      const bad = submitted.filter(
        ({ status, durationMs }) => status !== 202 || durationMs > kit.options.answerWithinMs,
      );
      return verdictOf(bad.map(describe), `${submitted.length} scans accepted`);
    },
  },
  {
    id: 'G2',
    title: 'answers for its metadata while it is busy',
    asked: 'GET /api/v1/metadata during G1',
    source: 'Harbor gives up after five seconds, and shows the scanner as unhealthy',
    advice: 'Scan in another thread or process than the one that answers.',
    required: ['robust', 'harbor-strict'],
    advised: ['1.0', '1.1', '1.2'],
    async run(kit) {
      const { metadata } = await busyTime(kit);
      const isWell = metadata.status === 200 && metadata.durationMs <= kit.options.answerWithinMs;
      return isWell ? passed(describe(metadata)) : failed(describe(metadata));
    },
  },
  {
    id: 'G3',
    title: 'brings every accepted scan to its end',
    asked: 'GET …/report of all scans of G1, after the layers were let go',
    source: 'pluggable scanner spec: 200, or 500 when the scan failed',
    advice: 'Do not lose what was accepted: a queue has to be kept, or to refuse when it is full.',
    required: except('harbor-strict'),
    advised: ['harbor-strict'],
    async run(kit) {
      const { ended } = await busyTime(kit);
      const bad = ended.filter((exchange) => exchange?.status !== 200);
      return verdictOf(
        bad.map((exchange) => (exchange ? describe(exchange) : kit.tooLate)),
        `${ended.length} reports`,
      );
    },
  },
  {
    id: 'G4',
    title: 'gives up on a registry that sends a byte a second',
    asked: 'a scan where a layer comes so slowly that it never ends',
    source: SOURCE,
    advice: 'Set a deadline for the whole of a scan; answer 500 with the reason. --timeout is how long the kit waits.',
    required: ROBUST,
    async run(kit) {
      const scan = await kit.scan('debian', { behaviour: { isTrickling: true } });
      const came = describeScan(scan, kit.tooLate);
      return isHonestFailure(scan) ? passed(came) : failed(came);
    },
  },
  {
    id: 'G5',
    title: 'goes on when a client goes away in the middle of a request',
    asked: 'half of a POST /api/v1/scan, then the connection is closed; then GET /api/v1/metadata',
    source: SOURCE,
    advice: 'Handle the broken connection; it must not end the process.',
    required: ROBUST,
    advised: except('robust'),
    async run({ adapter }) {
      await adapter.abandon(
        '/api/v1/scan',
        { 'Content-Type': ScannerMediaType.SCAN_REQUEST },
        '{"registry": {"url": "',
      );
      const after = await adapter.get('/api/v1/metadata', { Accept: ScannerMediaType.METADATA });
      return after.status === 200 ? passed(describe(after)) : failed(describe(after));
    },
  },
  {
    id: 'G6',
    title: 'answers 404 for what does not exist, 405 or 404 for wrong methods',
    asked: 'GET /api/v1/nothing, DELETE /api/v1/scan, POST /api/v1/metadata',
    source: 'RFC 9110, 15.5.5 and 15.5.6',
    advice: 'Neither 500 nor 200: registries of later versions find out by it what you know.',
    required: ROBUST,
    advised: except('robust'),
    async run({ adapter }) {
      const exchanges = [
        await adapter.ask('/api/v1/nothing', { isProbe: true }),
        await adapter.ask('/api/v1/scan', { method: 'DELETE', isProbe: true }),
        await adapter.ask('/api/v1/metadata', { method: 'POST', body: '{}', isProbe: true }),
      ];
      const bad = exchanges.filter(({ status }) => status !== 404 && status !== 405);
      return verdictOf(bad.map(describe), exchanges.map(describe).join('\n'));
    },
  },
  {
    id: 'G7',
    title: 'answers several who ask for one report at once',
    asked: 'GET …/report many times at once, after it was there',
    source: 'replicas of a registry may ask for the same report',
    advice: 'Serve the stored report; do not hand it out and forget it.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const { id } = await kit.mainScan();
      const first = await kit.mainReport();
      const question = await kit.question();
      const asked = Array.from({ length: kit.options.parallel }, () => kit.ask(id, question));
      const exchanges = await Promise.all(asked);
      const bad = exchanges.filter(({ status, body }) => status !== 200 || !body.equals(first.body));
      return verdictOf(bad.map(describe), `${exchanges.length} equal answers`);
    },
  },
]);

interface BusyTime {
  submitted: Exchange[];
  metadata: Exchange;
  ended: (Exchange | null)[];
}

/** Fills the adapter's queue, looks how it is doing, and lets it work off what it has. */
function busyTime(kit: Kit): Promise<BusyTime> {
  return kit.once('busy time', async () => {
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    try {
      const question = await kit.question();
      const submitted = await submitMany(kit, hold);
      const metadata = await kit.adapter.get('/api/v1/metadata', { Accept: ScannerMediaType.METADATA });
      release();
      return { submitted, metadata, ended: await endOf(kit, submitted, question) };
    } finally {
      release();
    }
  });
}

async function submitMany(kit: Kit, hold: Promise<void>): Promise<Exchange[]> {
  const requests = await Promise.all(
    Array.from({ length: kit.options.parallel }, () => kit.requestFor(kit.host('debian', { hold }))),
  );
  return Promise.all(requests.map((request) => kit.submit(request)));
}

function endOf(kit: Kit, submitted: readonly Exchange[], question: Question): Promise<(Exchange | null)[]> {
  const ids = submitted.map(idOf).filter((id) => id !== null);
  return Promise.all(ids.map((id) => kit.poll(id, question)));
}
