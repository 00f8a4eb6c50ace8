import { AppError } from '@breakwater/errors';
import { contentTypeOf } from '../payloads/payload.js';
import { urlOf } from '../policies/check-policy.js';
import type { TargetSecrets } from '../policies/target-secrets.js';
import type { Clock, TargetAnswer, WebhookCaller } from '../ports.js';
import { readRetryAfter } from './back-off.js';
import { blankedAddress, blankedAnswer, blankedHeaders } from './blanking.js';
import type { ClaimedDelivery, ClaimedTarget, SentRequest } from './queue.repository.js';
import { SIGNATURE_HEADER, signatureOf } from './signature.js';
import type { Reaction } from './target-windows.js';

/** What a try came to. */
export interface AttemptOutcome {
  readonly sent: SentRequest;
  readonly reaction: Reaction;
  /** Trying again will not help. */
  readonly isHopeless: boolean;
  /** The target asked for a pause. */
  readonly retryAfterMs: number | null;
}

export interface AttemptDependencies {
  readonly caller: WebhookCaller;
  readonly secrets: TargetSecrets;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Sends a delivery once. Never rejects: whatever goes wrong is the outcome. */
export async function attempt(
  delivery: ClaimedDelivery,
  target: ClaimedTarget,
  { caller, secrets, clock, timeoutMs }: AttemptDependencies,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const startedAt = clock.now();
  const begin = clock.monotonicMs();
  let headers: Record<string, string> = {};
  const outcome = (response: Partial<SentRequest>, rest: Omit<AttemptOutcome, 'sent'>): AttemptOutcome => {
    const unanswered = { responseStatus: null, responseBody: null, error: null };
    const request = { address: blankedAddress(target.address), requestHeaders: blankedHeaders(headers) };
    const durationMs = clock.monotonicMs() - begin;
    return { sent: { startedAt, durationMs, ...request, ...unanswered, ...response }, ...rest };
  };
  try {
    headers = headersOf(delivery, target, secrets, startedAt);
    const answer = await caller.post({
      url: urlOf(target.address).href,
      headers,
      body: delivery.body,
      isCertVerified: target.isCertVerified,
      timeoutMs,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      signal,
    });
    const isSlow = clock.monotonicMs() - begin > SLOW_MS;
    return outcome(...judged({ ...answer, body: blankedAnswer(answer.body, headers) }, isSlow, clock));
  } catch (error) {
    const isHopeless = error instanceof AppError && error.kind === 'invalid';
    const refusal = isHopeless ? 'refused' : 'silent';
    return outcome({ error: messageOf(error) }, { reaction: refusal, isHopeless, retryAfterMs: null });
  }
}

/** Enough to see what a receiver complains about. */
const MAX_ANSWER_BYTES = 4_096;
/** Who takes longer shares the room of those that hang. */
export const SLOW_MS = 1_000;

function headersOf(
  delivery: ClaimedDelivery,
  target: ClaimedTarget,
  secrets: TargetSecrets,
  at: Date,
): Record<string, string> {
  const authorization = secrets.openAuthHeader(delivery.targetId, target);
  const signingSecret = secrets.openSigningSecret(delivery.targetId, target);
  return {
    'content-type': contentTypeOf(delivery.targetType, delivery.payloadFormat),
    'user-agent': 'Breakwater-Webhook/1',
    'x-breakwater-delivery': delivery.uid,
    'x-breakwater-attempt': String(delivery.attempt),
    'x-breakwater-event': delivery.eventType,
    'x-breakwater-event-id': delivery.eventId,
    ...(delivery.replayOf === null ? {} : { 'x-breakwater-replay-of': delivery.replayOf }),
    ...(signingSecret === null ? {} : { [SIGNATURE_HEADER]: signatureOf(signingSecret, delivery.body, at) }),
    ...(authorization === null ? {} : { authorization }),
  };
}

function judged(
  { status, headers, body }: TargetAnswer,
  isSlow: boolean,
  clock: Clock,
): [Partial<SentRequest>, Omit<AttemptOutcome, 'sent'>] {
  const isDelivered = status >= 200 && status < 300;
  const error = isDelivered ? null : failureOf(status, headers['location']);
  const reaction = isSlow ? 'silent' : isDelivered ? 'delivered' : 'refused';
  const isAskedToWait = status === 429 || status === 503;
  const retryAfterMs = isAskedToWait ? readRetryAfter(headers['retry-after'], clock.now()) : null;
  return [
    { responseStatus: status, responseBody: storable(body), error },
    { reaction, isHopeless: false, retryAfterMs },
  ];
}

function failureOf(status: number, location: string | undefined): string {
  if (status < 300 || status >= 400) return `the target answered ${status}`;
  const to = location === undefined ? '' : ` to ${blankedAddress(location)}`;
  return `the target answered ${status}, a redirect${to}; redirects are not followed`;
}

/** What a text of PostgreSQL can hold. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

function messageOf(error: unknown): string {
  return storable(error instanceof Error ? error.message : String(error)).slice(0, 1_000);
}
