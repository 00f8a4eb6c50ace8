import { AppError } from '@breakwater/errors';
import type { Clock } from '../clock.js';
import { ScannerCircuitOpenError, ScannerError, type ScannerOperation } from '../scanner.errors.js';

export interface CircuitOptions {
  /** Failures in a row that open a circuit. */
  readonly failures: number;
  /** How long it stays open the first time; twice as long each further time. */
  readonly openMs: number;
  readonly mostOpenMs: number;
}

export const DEFAULT_CIRCUIT: CircuitOptions = { failures: 5, openMs: 15_000, mostOpenMs: 300_000 };

/** What an operator wants to know; called when it happens. */
export interface CircuitListener {
  opened(adapter: string, operation: ScannerOperation, openMs: number, reason: string): void;
  closed(adapter: string, operation: ScannerOperation): void;
}

/**
 * One circuit breaker for each adapter, by its address, and operation: one that does not answer is left alone, so that
 * its scans are put off at once and hold no workers. After a while one call is let through (half-open); its outcome
 * decides. By operation, or an adapter that describes itself well and takes no scan would never be left alone.
 *
 * Only what says that the adapter itself is not well counts: a refused scan is an answer like any other.
 */
export class ScannerCircuits {
  private readonly circuits = new Map<string, Circuit>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs' | 'random'>,
    private readonly options: CircuitOptions = DEFAULT_CIRCUIT,
    private readonly listener: CircuitListener | null = null,
  ) {}

  /**
   * Makes a call unless the circuit is open.
   *
   * @param isFailure  whether an error speaks against the adapter.
   * @throws ScannerCircuitOpenError
   */
  async through<T>(
    adapter: string,
    operation: ScannerOperation,
    call: () => Promise<T>,
    isFailure: (error: unknown) => boolean,
  ): Promise<T> {
    const circuit = this.circuits.get(keyOf(adapter, operation));
    if (circuit && !this.mayPass(circuit))
      throw new ScannerCircuitOpenError(this.secondsLeft(circuit), circuit.lastReason);
    return this.attempt({ adapter, operation }, call, isFailure);
  }

  /**
   * Makes a call whatever the circuit says, and learns from it: for people who ask whether the adapter is well. If it
   * is, the next call of each other operation is let through.
   */
  async observe<T>(
    adapter: string,
    operation: ScannerOperation,
    call: () => Promise<T>,
    isFailure: (error: unknown) => boolean,
  ): Promise<T> {
    const result = await this.attempt({ adapter, operation }, call, isFailure);
    for (const other of OPERATIONS) {
      const circuit = this.circuits.get(keyOf(adapter, other));
      if (circuit) circuit.openUntilMs = this.clock.monotonicMs();
    }
    return result;
  }

  private async attempt<T>(place: Place, call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    try {
      const result = await call();
      this.close(place);
      return result;
    } catch (error) {
      if (isFailure(error)) this.noteFailure(place, error);
      // The adapter answered, if not with what was wanted.
      else if (error instanceof ScannerError) this.close(place);
      else this.letNextProbe(place);
      throw error;
    }
  }

  private mayPass(circuit: Circuit): boolean {
    if (circuit.failures < this.options.failures) return true;
    if (circuit.isProbing || this.clock.monotonicMs() < circuit.openUntilMs) return false;
    circuit.isProbing = true;
    return true;
  }

  private close({ adapter, operation }: Place): void {
    const circuit = this.circuits.get(keyOf(adapter, operation));
    this.circuits.delete(keyOf(adapter, operation));
    if (circuit && circuit.openings > 0) this.listener?.closed(adapter, operation);
  }

  private noteFailure({ adapter, operation }: Place, error: unknown): void {
    const circuit = this.circuits.get(keyOf(adapter, operation)) ?? newCircuit();
    circuit.failures++;
    circuit.lastReason = error instanceof AppError ? error.message : 'a mistake of ours';
    const isFurther = circuit.failures > this.options.failures && !circuit.isProbing;
    // Calls that were under way when it opened say nothing new.
    if (circuit.failures >= this.options.failures && !isFurther) {
      const openMs = Math.min(this.options.mostOpenMs, this.options.openMs * 2 ** circuit.openings++);
      circuit.openUntilMs = this.clock.monotonicMs() + openMs * (0.9 + this.clock.random() / 5);
      this.listener?.opened(adapter, operation, openMs, circuit.lastReason);
    }
    circuit.isProbing = false;
    this.circuits.set(keyOf(adapter, operation), circuit);
  }

  /** The probe was given up by its caller, and says nothing. */
  private letNextProbe({ adapter, operation }: Place): void {
    const circuit = this.circuits.get(keyOf(adapter, operation));
    if (circuit) circuit.isProbing = false;
  }

  private secondsLeft({ openUntilMs, isProbing }: Circuit): number {
    const seconds = Math.ceil((openUntilMs - this.clock.monotonicMs()) / 1000);
    return Math.max(isProbing ? PROBE_SECONDS : 1, seconds);
  }
}

const OPERATIONS: readonly ScannerOperation[] = ['metadata', 'submit', 'report'];
/** For those that come while one call finds out. */
const PROBE_SECONDS = 5;

interface Place {
  readonly adapter: string;
  readonly operation: ScannerOperation;
}

interface Circuit {
  failures: number;
  openings: number;
  openUntilMs: number;
  isProbing: boolean;
  lastReason: string;
}

function newCircuit(): Circuit {
  return { failures: 0, openings: 0, openUntilMs: 0, isProbing: false, lastReason: '' };
}

function keyOf(adapter: string, operation: ScannerOperation): string {
  return `${operation} ${adapter}`;
}
