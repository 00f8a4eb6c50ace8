import type { Attempt, Delivery } from './delivery.js';

/** What happened to a delivery, as a text for people: a line for the delivery and some for each attempt. */
export function deliveryLog(delivery: Delivery, attempts: readonly Attempt[]): string {
  const lines = [
    line(delivery.createdAt, `${delivery.eventType} by ${delivery.operator}, delivery ${delivery.uid}`),
    ...(delivery.replayOf === null ? [] : [line(delivery.createdAt, `replay of delivery ${delivery.replayOf}`)]),
    ...attempts.flatMap(attemptLines),
  ];
  const { endedAt, nextAttemptAt } = delivery;
  if (endedAt !== null) lines.push(line(endedAt, `${delivery.status}${reason(delivery)}`));
  else if (delivery.status === 'Running') lines.push(`attempt ${delivery.attempts} is under way`);
  else if (nextAttemptAt !== null)
    lines.push(`attempt ${delivery.attempts + 1} is due at ${nextAttemptAt.toISOString()}`);
  return `${lines.join('\n')}\n`;
}

function attemptLines(attempt: Attempt): string[] {
  const { startedAt, responseStatus, responseBody, error, durationMs } = attempt;
  const answer = responseStatus === null ? 'no answer' : `answered ${responseStatus}`;
  const headers = Object.entries(attempt.requestHeaders).map(([name, value]) => `    ${name}: ${value}`);
  return [
    line(startedAt, `attempt ${attempt.attempt}: POST ${attempt.address}: ${answer} after ${durationMs} ms`),
    ...headers,
    ...(error === null ? [] : [`    ${error}`]),
    ...(responseBody === null || responseBody === ''
      ? []
      : [`    answer: ${responseBody.replaceAll('\n', '\n      ')}`]),
  ];
}

function reason({ statusMessage }: Delivery): string {
  return statusMessage === '' ? '' : `: ${statusMessage}`;
}

function line(at: Date, text: string): string {
  return `${at.toISOString()} ${text}`;
}
