// How fast it goes and how long it will take, from the bytes of the last seconds.

const windowMilliseconds = 12_000;
const sampleMilliseconds = 250;

/** Feed it the total of bytes sent so far; it forgets what is older than its window. */
export class SpeedEstimate {
  private samples: { at: number; bytes: number }[] = [];

  add(bytes: number, nowMilliseconds: number): void {
    const last = this.samples.at(-1);
    if (last && nowMilliseconds - last.at < sampleMilliseconds && this.samples.length > 1) {
      last.bytes = Math.max(last.bytes, bytes);
    } else {
      this.samples.push({ at: nowMilliseconds, bytes });
    }
    // One sample older than the window stays, so that a pause is seen as slowness.
    while (this.samples.length > 2 && nowMilliseconds - this.samples[1]!.at > windowMilliseconds) this.samples.shift();
  }

  /** Forget everything, for example after a pause, which says nothing about the network. */
  restart(): void {
    this.samples = [];
  }

  bytesPerSecond(nowMilliseconds: number): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || nowMilliseconds - first.at < 500) return 0;
    return ((last.bytes - first.bytes) * 1000) / (nowMilliseconds - first.at);
  }

  secondsLeft(remainingBytes: number, nowMilliseconds: number): number {
    const speed = this.bytesPerSecond(nowMilliseconds);
    if (remainingBytes <= 0) return 0;
    return speed > 0 ? remainingBytes / speed : Infinity;
  }
}
