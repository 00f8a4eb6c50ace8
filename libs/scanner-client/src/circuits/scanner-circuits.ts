import type { Clock } from '../clock.js';
import { ScannerCircuitOpenError, ScannerError } from '../scanner.errors.js';

export interface CircuitOptions {
  /** Failures in a row that open a circuit. */
  readonly failures: number;
  /** How long it stays open the first time; twice as long each further time. */
  readonly openMs: number;
  readonly mostOpenMs: number;
}

export const DEFAULT_CIRCUIT: CircuitOptions = { failures: 5, openMs: 15_000, mostOpenMs: 300_000 };

/**
 * One circuit breaker for each adapter, by its address: one that does not answer is left alone, so that its scans fail
 * at once and hold no workers. After a while one call is let through (half-open); its outcome decides.
 *
 * Only what says that the adapter itself is not well counts: a refused scan is an answer like any other.
 */
export class ScannerCircuits {
  private readonly circuits = new Map<string, Circuit>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs' | 'random'>,
    private readonly options: CircuitOptions = DEFAULT_CIRCUIT,
  ) {}

  /**
   * Makes a call unless the circuit is open.
   *
   * @param isFailure  whether an error speaks against the adapter.
   * @throws ScannerCircuitOpenError
   */
  async through<T>(adapter: string, call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const circuit = this.circuits.get(adapter);
    if (circuit && !this.mayPass(circuit)) throw new ScannerCircuitOpenError(this.secondsLeft(circuit));
    return this.observe(adapter, call, isFailure);
  }

  /** Makes a call whatever the circuit says, and learns from it: for people who ask whether the adapter is well. */
  async observe<T>(adapter: string, call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    try {
      const result = await call();
      this.circuits.delete(adapter);
      return result;
    } catch (error) {
      if (isFailure(error)) this.noteFailure(adapter);
      // The adapter answered, if not with what was wanted.
      else if (error instanceof ScannerError) this.circuits.delete(adapter);
      else this.letNextProbe(adapter);
      throw error;
    }
  }

  private mayPass(circuit: Circuit): boolean {
    if (circuit.failures < this.options.failures) return true;
    if (circuit.isProbing || this.clock.monotonicMs() < circuit.openUntilMs) return false;
    circuit.isProbing = true;
    return true;
  }

  private noteFailure(adapter: string): void {
    const circuit = this.circuits.get(adapter) ?? { failures: 0, openings: 0, openUntilMs: 0, isProbing: false };
    circuit.failures++;
    const isFurther = circuit.failures > this.options.failures && !circuit.isProbing;
    // Calls that were under way when it opened say nothing new.
    if (circuit.failures >= this.options.failures && !isFurther) {
      const openMs = Math.min(this.options.mostOpenMs, this.options.openMs * 2 ** circuit.openings++);
      circuit.openUntilMs = this.clock.monotonicMs() + openMs * (0.9 + this.clock.random() / 5);
    }
    circuit.isProbing = false;
    this.circuits.set(adapter, circuit);
  }

  /** The probe was given up by its caller, and says nothing. */
  private letNextProbe(adapter: string): void {
    const circuit = this.circuits.get(adapter);
    if (circuit) circuit.isProbing = false;
  }

  private secondsLeft({ openUntilMs }: Circuit): number {
    return Math.max(1, Math.ceil((openUntilMs - this.clock.monotonicMs()) / 1000));
  }
}

interface Circuit {
  failures: number;
  openings: number;
  openUntilMs: number;
  isProbing: boolean;
}
