// Waiting, so that tests need not.

/** Time as the widget needs it. */
export interface Clock {
  /** Resolves after so many milliseconds, or when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
}

export const realClock: Clock = {
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (signal.aborted) done();
      else signal.addEventListener("abort", done);
    }),
  random: Math.random,
};

const FIRST_MS = 400;
const LONGEST_MS = 15_000;

/** How long to wait before the next try: doubling, with jitter. */
export function backoff(tries: number, clock: Clock): number {
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return ms * (0.5 + clock.random() / 2);
}
