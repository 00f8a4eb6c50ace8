import { readText, type OutboundClient, type OutboundResponse } from '@breakwater/outbound';
import type { OutgoingMessage, TargetAnswer, WebhookCaller } from '../ports.js';

/** Webhooks through the house's one door to addresses of users. Redirects are not followed. */
export class OutboundCaller implements WebhookCaller {
  constructor(private readonly client: Pick<OutboundClient, 'send'>) {}

  /** @throws OutboundError */
  async post({
    url,
    headers,
    body,
    isCertVerified,
    timeoutMs,
    maxAnswerBytes,
    signal,
  }: OutgoingMessage): Promise<TargetAnswer> {
    const answer = await this.client.send({
      method: 'POST',
      url,
      headers,
      body,
      signal,
      tls: { isVerified: isCertVerified },
      limits: {
        headersTimeoutMs: timeoutMs,
        idleTimeoutMs: timeoutMs,
        deadlineMs: timeoutMs,
        // How long it is matters to nobody: only its beginning is read.
        maxResponseBytes: Infinity,
      },
    });
    return { status: answer.status, headers: answer.headers, body: await beginningOf(answer, maxAnswerBytes) };
  }
}

/** The status says everything. What follows is for people, and must neither hold up nor spoil the delivery. */
const BODY_WITHIN_MS = 1_000;

async function beginningOf({ body }: OutboundResponse, maxBytes: number): Promise<string> {
  const enough = setTimeout(() => body.destroy(), BODY_WITHIN_MS);
  try {
    return await readText(body, maxBytes);
  } catch {
    return '';
  } finally {
    clearTimeout(enough);
  }
}
