export interface WindowOptions {
  /** Most messages at once to one target. */
  readonly maxPerTarget: number;
  /** Most messages at once to all targets that answer. */
  readonly maxTotal: number;
}

/** How a target took a message: at once, or with an error, or not within a time in which others would have. */
export type Reaction = 'delivered' | 'refused' | 'silent';

export interface Allotment {
  readonly targetId: number;
  /** How many messages may be begun. */
  readonly count: number;
}

/**
 * Who may be sent how much at once, so that no target holds up another one.
 *
 * Each target has a window of messages under way. It begins with one, doubles with every delivery, is halved by a
 * refusal, and is one again for a target that is silent. Whoever does not answer within a moment is a *suspect* until it
 * delivers: from that moment on what is under way to it takes no room from the others, and all suspects together begin
 * no more than fits into half of the room. So those that answer find room, however many hang.
 */
export class TargetWindows {
  private readonly states = new Map<number, State>();
  private inFlight = 0;
  private suspectsInFlight = 0;
  /** Where the next round begins: another target each time. */
  private turn = 0;

  constructor(
    private readonly options: WindowOptions,
    private readonly nowMs: () => number,
  ) {}

  get busy(): number {
    return this.inFlight;
  }

  /**
   * Shares the room out to targets that have something due, one message each, round after round. Who gets nothing is in
   * the answer as well.
   *
   * @param due  target ids, each once.
   */
  allot(due: readonly number[]): Allotment[] {
    const start = due.length === 0 ? 0 : this.turn++ % due.length;
    const inTurn = [...due.slice(start), ...due.slice(0, start)];
    const waiting = inTurn.map((targetId) => ({
      targetId,
      count: 0,
      free: this.freeOf(targetId),
      room: this.states.get(targetId)?.isSuspect ? ('suspects' as const) : ('others' as const),
    }));
    const { maxTotal } = this.options;
    let sockets = SOCKETS_PER_ROOM * maxTotal - this.inFlight;
    const left = {
      others: maxTotal - (this.inFlight - this.suspectsInFlight),
      suspects: Math.max(1, Math.floor(maxTotal / 2)) - this.suspectsInFlight,
    };
    for (let hasGiven = true; hasGiven;) {
      hasGiven = false;
      for (const entry of waiting) {
        if (entry.count >= entry.free || left[entry.room] <= 0 || sockets <= 0) continue;
        entry.count++;
        left[entry.room]--;
        sockets--;
        hasGiven = true;
      }
    }
    return waiting.map(({ targetId, count }) => ({ targetId, count }));
  }

  begin(targetId: number): void {
    const state = this.stateOf(targetId);
    state.inFlight++;
    this.inFlight++;
    if (state.isSuspect) this.suspectsInFlight++;
  }

  /** Something has been under way to it for longer than others take. */
  suspect(targetId: number): void {
    const state = this.stateOf(targetId);
    if (!state.isSuspect) this.suspectsInFlight += state.inFlight;
    state.isSuspect = true;
    state.window = 1;
  }

  /** @param pauseMs  it asked for a pause: nothing is begun before that is over. */
  end(targetId: number, reaction: Reaction, pauseMs = 0): void {
    const state = this.stateOf(targetId);
    if (state.isSuspect) this.suspectsInFlight -= state.inFlight;
    state.inFlight--;
    this.inFlight--;
    state.window = this.nextWindow(state.window, reaction);
    state.isSuspect = reaction === 'silent' || (state.isSuspect && reaction !== 'delivered');
    if (state.isSuspect) this.suspectsInFlight += state.inFlight;
    if (pauseMs > 0) state.pausedUntilMs = this.nowMs() + Math.min(pauseMs, LONGEST_PAUSE_MS);
    if (this.states.size > MAX_REMEMBERED) this.forgetSome();
  }

  private freeOf(targetId: number): number {
    const state = this.states.get(targetId);
    if (state === undefined) return 1;
    if (state.pausedUntilMs > this.nowMs()) return 0;
    return Math.max(0, state.window - state.inFlight);
  }

  private nextWindow(window: number, reaction: Reaction): number {
    if (reaction === 'delivered') return Math.min(this.options.maxPerTarget, window * 2);
    return reaction === 'silent' ? 1 : Math.max(1, Math.floor(window / 2));
  }

  private stateOf(targetId: number): State {
    const known = this.states.get(targetId);
    if (known) return known;
    const fresh = { window: 1, inFlight: 0, isSuspect: false, pausedUntilMs: 0 };
    this.states.set(targetId, fresh);
    return fresh;
  }

  /** The oldest that nothing is under way to: they begin anew, with one message. */
  private forgetSome(): void {
    for (const [targetId, { inFlight }] of this.states) {
      if (this.states.size <= MAX_REMEMBERED / 2) return;
      if (inFlight === 0) this.states.delete(targetId);
    }
  }
}

/** Of everything under way together: what hangs comes on top of the room, up to here. */
const SOCKETS_PER_ROOM = 4;
const MAX_REMEMBERED = 20_000;
const LONGEST_PAUSE_MS = 60_000;

interface State {
  window: number;
  inFlight: number;
  isSuspect: boolean;
  pausedUntilMs: number;
}
