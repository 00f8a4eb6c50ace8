import type { WebhookEvent } from '../events/webhook-event.js';
import { unixSeconds, type EventData } from './event-data.js';

/**
 * A Slack message of blocks: title, type, time, operator and the data.
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
export function slackMessage(event: WebhookEvent, data: EventData): object {
  const at = unixSeconds(event.occurredAt);
  const iso = event.occurredAt.toISOString();
  return {
    blocks: [
      section('*Breakwater webhook event*'),
      section(`*event_type:* ${event.type}`),
      section(`*occur_at:* <!date^${at}^{date_num} {time_secs}|${iso}>`),
      section(`*operator:* ${escaped(event.operator)}`),
      section(`*event_data:*\n\`\`\`${fenced(JSON.stringify(data, null, 2))}\`\`\``),
    ],
  };
}

/** Slack refuses the whole message when a section is longer than 3000 characters. */
const MAX_FENCED_LENGTH = 2_900;

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** The three characters that mean something to Slack everywhere, also in a fence. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Backticks would end the fence. Cut between lines, so that no escape is cut in two. */
function fenced(text: string): string {
  const whole = escaped(text.replaceAll('```', "'''"));
  if (whole.length <= MAX_FENCED_LENGTH) return whole;
  const cut = whole.lastIndexOf('\n', MAX_FENCED_LENGTH);
  return `${whole.slice(0, cut > 0 ? cut : 0)}\n…`;
}
