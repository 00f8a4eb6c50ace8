/** Ways to misbehave, for each operation by itself. */
export interface Faults {
  readonly metadata?: Fault | null;
  readonly submit?: Fault | null;
  readonly report?: Fault | null;
  /** The scan itself fails with this message; `leak` puts the registry's credential into it. */
  readonly scan?: ScanFault | null;
}

export interface Fault {
  readonly kind: FaultKind;
  /** Then it behaves again; missing: for ever. */
  readonly times?: number;
}

export interface ScanFault {
  readonly kind: 'fail' | 'leak' | 'never-ends';
  readonly times?: number;
}

export const FAULT_KINDS = [
  /** Takes the request and says nothing. */
  'hang',
  /** 302, whatever happened to the scan. */
  'not-ready',
  /** 200 with half of a JSON document. */
  'broken-json',
  /** 200 with a page of a login. */
  'html',
  /** 200 with 1 GiB of a report that goes on and on. */
  'huge',
  /** 200 with a few KiB that unpack to 4 GiB. */
  'gzip-bomb',
  /** 307 to a metadata service. */
  'redirect-inside',
  /** 302 for ever, with the way to a metadata service. */
  'not-ready-inside',
  /** 500 with an error document. */
  'error',
  /** 500 that repeats the whole request, credentials included. */
  'leak',
  /** 503 with Retry-After. */
  'unavailable',
  /** 404, as after a restart. */
  'lost',
  /** 401. */
  'unauthorized',
  /** 200 whose body comes a byte at a time. */
  'slow',
  /** 200 whose connection breaks in the middle. */
  'cut',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultyOperation = 'metadata' | 'submit' | 'report';

/** The faults that are switched on now. */
export class FaultSwitches {
  private faults: Faults;

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** Replaces all of them. */
  set(faults: Faults): void {
    this.faults = faults;
  }

  /** The fault of this call; counts it. */
  take(operation: FaultyOperation): FaultKind | null {
    const fault = this.faults[operation] ?? null;
    if (fault === null) return null;
    this.faults = { ...this.faults, [operation]: lessOnce(fault) };
    return fault.kind;
  }

  takeScanFault(): ScanFault['kind'] | null {
    const fault = this.faults.scan ?? null;
    if (fault === null) return null;
    this.faults = { ...this.faults, scan: lessOnce(fault) };
    return fault.kind;
  }

  current(): Faults {
    return this.faults;
  }
}

/** @throws Error  for what is not a set of faults. */
export function parseFaults(document: unknown): Faults {
  if (typeof document !== 'object' || document === null) throw new Error('faults are an object');
  for (const [operation, fault] of Object.entries(document as Record<string, unknown>)) {
    const kinds: readonly string[] | undefined = KINDS.get(operation);
    if (kinds === undefined) throw new Error(`no faults of "${operation}" are known`);
    const { kind, times } = (fault ?? {}) as { kind?: unknown; times?: unknown };
    if (fault !== null && !kinds.includes(String(kind))) throw new Error(`${operation} is one of ${kinds.join(', ')}`);
    if (times !== undefined && !Number.isInteger(times)) throw new Error('times is a whole number');
  }
  return document;
}

const KINDS = new Map<string, readonly string[]>([
  ['metadata', FAULT_KINDS],
  ['submit', FAULT_KINDS],
  ['report', FAULT_KINDS],
  ['scan', ['fail', 'leak', 'never-ends']],
]);

function lessOnce<T extends Fault | ScanFault>(fault: T): T | null {
  if (fault.times === undefined) return fault;
  return fault.times <= 1 ? null : { ...fault, times: fault.times - 1 };
}
