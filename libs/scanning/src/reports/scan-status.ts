import { isFinal, type ScanStatus } from './report.js';

/**
 * The status of several scans together: of the children of an index, of several scanners.
 *
 * As Harbor has it, one that runs makes it `Running`, else one that was stopped `Stopped`, else one that succeeded
 * `Success`. Beyond Harbor, one that still waits while another has ended is `Running` too: it is not over.
 */
export function mergedStatus(statuses: readonly ScanStatus[]): ScanStatus {
  const has = (status: ScanStatus): boolean => statuses.includes(status);
  if (has('Running')) return 'Running';
  const waiting = statuses.filter((status) => !isFinal(status));
  if (waiting.length > 0) return waiting.length < statuses.length ? 'Running' : (waiting[0] as ScanStatus);
  if (has('Stopped')) return 'Stopped';
  return has('Success') ? 'Success' : 'Error';
}
