/** Waiting times between attempts: doubling from `firstMs` up to `longestMs`, each shortened by up to a third at random. */
export class Backoff {
  private tries = 0;

  constructor(
    private readonly firstMs = 300,
    private readonly longestMs = 1200,
    private readonly random: () => number = Math.random,
  ) {}

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const full = Math.min(this.longestMs, this.firstMs * 2 ** this.tries++);
    return full * (1 - this.random() / 3);
  }

  reset(): void {
    this.tries = 0;
  }
}
