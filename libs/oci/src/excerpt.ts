const MAX_LENGTH = 128;

/** What a client sent, short enough for an error body and a log line. */
export function excerpt(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}

/** The same in quotes, with control characters escaped, for use inside a message. */
export function quoted(text: string): string {
  return JSON.stringify(excerpt(text));
}
