/**
 * What the API calls a report: its uuid, or the uuids of several together, as of an index, joined by `|` in base64.
 */
export const ReportId = {
  of(uuids: readonly string[]): string {
    const [only] = uuids;
    if (uuids.length <= 1) return only ?? '';
    return Buffer.from(uuids.join('|'), 'utf8').toString('base64');
  },

  /** @returns the uuids; empty for a text that is no id of any report. */
  parse(text: string): readonly string[] {
    if (UUID.test(text)) return [text.toLowerCase()];
    const uuids = Buffer.from(text, 'base64').toString('utf8').split('|');
    return uuids.length <= MAX_REPORTS && uuids.every((uuid) => UUID.test(uuid)) ? uuids : [];
  },
} as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** More children than any index has, times the scanners of a project. */
const MAX_REPORTS = 10_000;
