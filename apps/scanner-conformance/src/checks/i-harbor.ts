import { ScannerMediaType } from '@breakwater/scanner-spec';
import { type Exchange, describe, errorMessage, header } from '../adapter/exchange.js';
import { checks, notApplicable, verdictOf, whereVulnerabilities } from './check.js';
import { HARBOR, ROBUST } from './profile.js';

/** What Harbor sends and expects beyond the words of the specification. */
export const HARBOR_CHECKS = checks([
  whereVulnerabilities({
    id: 'I1',
    title: 'takes the fields of 1.2 under the media type of 1.0',
    asked: `POST /api/v1/scan with enabled_capabilities and Content-Type: ${ScannerMediaType.SCAN_REQUEST}`,
    source: 'Harbor sends every request as version 1.0',
    advice: 'Do not look at the version in the Content-Type.',
    required: [...HARBOR, ...ROBUST],
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
      const { accept } = await kit.question();
      const enabled = [{ type: 'vulnerability', produces_mime_types: [accept] }];
      const exchange = await kit.submit(
        { ...request, enabled_capabilities: enabled },
        { contentType: ScannerMediaType.SCAN_REQUEST },
      );
      return verdictOf(exchange.status === 202 ? [] : [describe(exchange)], describe(exchange));
    },
  }),
  whereVulnerabilities({
    id: 'I2',
    title: 'does not refuse the report type that Harbor always names, whichever it declares',
    asked: `POST /api/v1/scan with produces_mime_types ${ScannerMediaType.GENERIC_REPORT} and parameters: null`,
    source: 'Harbor names the generic report in every request of type vulnerability',
    advice: 'Make what you declare: it is asked for with the Accept of the report.',
    required: HARBOR,
    advised: ROBUST,
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
      const produces = [ScannerMediaType.GENERIC_REPORT];
      const enabled = [{ type: 'vulnerability', produces_mime_types: produces, parameters: null }];
      const exchange = await kit.submit({ ...request, enabled_capabilities: enabled });
      return verdictOf(exchange.status === 202 ? [] : [describe(exchange)], describe(exchange));
    },
  }),
]);

/** Made after all others: they look at everything that the adapter has answered. */
export const HARBOR_CHECKS_OF_THE_WHOLE_RUN = checks([
  {
    id: 'I3',
    title: 'answers everything within five seconds, whole reports included',
    asked: 'all questions of this run',
    source: 'Harbor gives up after five seconds, whatever it has asked for',
    advice: 'Do the work before the answer is asked for. For large reports see F14.',
    required: HARBOR,
    advised: ROBUST,
    async run(kit) {
      await kit.mainScan();
      const asked = kit.adapter.exchanges.filter(({ isProbe }) => !isProbe);
      const bad = asked.filter(({ durationMs, status }) => status === null || durationMs > kit.options.answerWithinMs);
      const slowest = Math.max(0, ...asked.map(({ durationMs }) => durationMs));
      return verdictOf(bad.map(describe), `${asked.length} answers, the slowest after ${Math.round(slowest)} ms`);
    },
  },
  {
    id: 'I4',
    title: 'sends Refresh-After below 128 where it sends one',
    asked: 'all 302 of this run',
    source: 'Harbor reads it as a number of eight bits; without one it asks again after five seconds',
    advice: 'Send whole seconds from 1 to 127.',
    required: [...HARBOR, ...ROBUST],
    async run(kit) {
      await kit.mainScan();
      const redirects = kit.adapter.exchanges.filter(({ status }) => status === 302);
      if (redirects.length === 0) return notApplicable('there was no 302');
      const bad = redirects.filter((exchange) => {
        const value = header(exchange, 'refresh-after');
        return value !== null && !(/^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 127);
      });
      return verdictOf(bad.map(describe), `${redirects.length} answers`);
    },
  },
  {
    id: 'I5',
    title: 'says what went wrong as JSON, whenever it does',
    asked: 'all answers of 400 and above of this run',
    source: 'Harbor reports "invalid character" in place of your message when the body is not JSON',
    advice: 'Answer {"error":{"message":…}} to everything; see that your framework’s own error pages do so too.',
    required: [...HARBOR, ...ROBUST],
    async run(kit) {
      await kit.scan('debian', { behaviour: { isMissing: true } });
      const errors = kit.adapter.exchanges.filter(isErrorThatHarborSees);
      const bad = errors.filter((exchange) => errorMessage(exchange) === null);
      return verdictOf(bad.map(describe), `${errors.length} answers`);
    },
  },
]);

/** Of a 404 the specification defines no body. */
function isErrorThatHarborSees({ isProbe, status }: Exchange): boolean {
  return !isProbe && status !== null && status >= 400 && status !== 404;
}
