import { EVENT_TYPES, PAYLOAD_FORMATS, TARGET_TYPES } from '../events/event-type.js';
import { InvalidWebhookPolicyError } from '../webhooks.errors.js';
import type { CheckedPolicy, CheckedTarget, GivenPolicy, GivenTarget } from './webhook-policy.js';

/** @throws InvalidWebhookPolicyError with what is wrong first. */
export function checkPolicy(given: GivenPolicy): CheckedPolicy {
  check(given.name !== '', 'it needs a name');
  checkLength('the name', given.name, MAX_NAME_LENGTH);
  checkLength('the description', given.description, MAX_DESCRIPTION_LENGTH);
  check(given.eventTypes.length > 0, 'it needs an event type');
  const eventTypes = [...new Set(given.eventTypes)].map((type) => member(EVENT_TYPES, type, 'event type'));
  check(given.targets.length > 0, 'it needs a target');
  check(given.targets.length <= MAX_TARGETS, `it has more than ${MAX_TARGETS} targets`);
  return { ...given, eventTypes, targets: given.targets.map(checkTarget) };
}

/** Where an address leads: one without a scheme means http, as with Harbor. @throws InvalidWebhookPolicyError */
export function urlOf(address: string): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address);
  const url = URL.parse(hasScheme ? address : `http://${address}`);
  check(url !== null, 'the address of a target is no URL');
  check(
    url.protocol === 'http:' || url.protocol === 'https:',
    `the scheme ${url.protocol.slice(0, -1)} is neither http nor https`,
  );
  return url;
}

const MAX_NAME_LENGTH = 255;
const MAX_DESCRIPTION_LENGTH = 4_096;
const MAX_TARGETS = 16;
const MAX_ADDRESS_LENGTH = 2_048;
const MAX_SECRET_LENGTH = 8_192;
/** What a header can carry without becoming another header: RFC 9110, "Field Values", in ASCII. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

function checkTarget(given: GivenTarget): CheckedTarget {
  const type = member(TARGET_TYPES, given.type, 'type of target');
  checkLength('an address', given.address, MAX_ADDRESS_LENGTH);
  check(given.address !== '', 'a target needs an address');
  urlOf(given.address);
  checkLength('an auth_header', given.authHeader, MAX_SECRET_LENGTH);
  check(FIELD_VALUE.test(given.authHeader), 'an auth_header must be printable ASCII');
  checkLength('a signing secret', given.signingSecret ?? '', MAX_SECRET_LENGTH);
  return { ...given, type, payloadFormat: formatOf(type, given.payloadFormat) };
}

function formatOf(type: CheckedTarget['type'], format: string): CheckedTarget['payloadFormat'] {
  if (type === 'http') return format === '' ? 'Default' : member(PAYLOAD_FORMATS, format, 'payload format');
  check(format === '', `a target of type ${type} takes no payload format`);
  return null;
}

function member<const T extends readonly string[]>(known: T, value: string, what: string): T[number] {
  const found = known.find((each) => each === value);
  check(found !== undefined, `there is no ${what} ${value.slice(0, 64)}: known are ${known.join(', ')}`);
  return found;
}

function checkLength(what: string, text: string, max: number): void {
  check(text.length <= max, `${what} is longer than ${max} characters`);
}

function check(isRight: boolean, reason: string): asserts isRight {
  if (!isRight) throw new InvalidWebhookPolicyError(reason);
}
