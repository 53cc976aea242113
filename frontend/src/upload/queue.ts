// Sends the files: several lanes, each taking the next file when it has finished one.
// Knows tus and patience; knows nothing of the page.

import { DetailedError, Upload } from "tus-js-client";
import { reasonInText } from "./check.ts";

export type LineState = "waiting" | "sending" | "done" | "kept" | "failed";

export interface Line {
  path: string;
  file: File;
  state: LineState;
  sent: number;
  replace: boolean;
  uploadUrl: string | null;
  why: string;
}

export interface QueueOptions {
  endpoint: string;
  record: string;
  chunkBytes: number;
  lanes: number;
  headers: Record<string, string>;
  /** Something changed; called often, so it must be cheap. */
  changed: () => void;
  /** Nothing is left to send. */
  finished: () => void;
}

type Outcome = "done" | "stopped" | { permanent: boolean; why: string };

const longestWaitMilliseconds = 30_000;
// Only small files travel with their creation: when that one request is cut off, its address is
// not known yet and all its bytes are sent again.
const smallFileBytes = 8 * 1024 * 1024;

export class UploadQueue {
  readonly lines: Line[] = [];
  readonly totals = { files: 0, bytes: 0, sentBytes: 0, done: 0, failed: 0 };
  private byPath = new Map<string, Line>();
  private next = 0;
  private busyLanes = 0;
  private stoppedLanes = new Set<() => void>();
  private createsWithData = false;
  paused = false;
  waitingForNetwork = 0;

  constructor(private readonly options: QueueOptions) {}

  get running(): boolean {
    return this.busyLanes > 0;
  }

  /** The first line that has not been finished, for scrolling there. */
  get front(): number {
    return Math.max(0, this.next - this.busyLanes);
  }

  /** Adds lines; a path that is already waiting or being sent is not added twice. */
  add(lines: Line[]): void {
    for (const line of lines) {
      const present = this.byPath.get(line.path);
      if (present && (present.state === "waiting" || present.state === "sending")) continue;
      this.byPath.set(line.path, line);
      this.lines.push(line);
      this.totals.files += 1;
      if (line.state === "kept") this.totals.done += 1;
      else {
        this.totals.bytes += line.file.size;
        this.totals.sentBytes += line.sent;
      }
    }
  }

  async start(): Promise<void> {
    this.paused = false;
    if (this.busyLanes === 0) this.createsWithData = await this.serverCreatesWithData();
    while (this.busyLanes < this.options.lanes && this.next < this.lines.length) {
      this.busyLanes += 1;
      void this.drive();
    }
    this.options.changed();
  }

  /** Stops after telling every lane; what has arrived stays. */
  pause(): void {
    this.paused = true;
    for (const stop of this.stoppedLanes) stop();
    this.options.changed();
  }

  /** Puts failed lines at the end once more. */
  retryFailed(): void {
    const failed = this.lines.filter((line) => line.state === "failed");
    this.totals.failed -= failed.length;
    for (const line of failed) {
      line.state = "waiting";
      line.why = "";
    }
    // Lines keep their place; the cursor goes back and passes over what is finished.
    this.next = 0;
    void this.start();
  }

  private async drive(): Promise<void> {
    while (!this.paused && this.next < this.lines.length) {
      const line = this.lines[this.next]!;
      this.next += 1;
      if (line.state === "waiting") await this.sendPatiently(line);
    }
    this.busyLanes -= 1;
    if (this.busyLanes === 0) {
      if (this.paused) this.next = 0;
      else this.options.finished();
    }
    this.options.changed();
  }

  /** Sends one line until it is done, refused, or paused; a lost network only takes time. */
  private async sendPatiently(line: Line): Promise<void> {
    line.state = "sending";
    for (let attempt = 0; !this.paused; ) {
      const before = line.sent;
      const failure = await this.sendOnce(line);
      if (failure === "stopped") break;
      if (failure === "done") {
        line.state = "done";
        this.totals.done += 1;
        this.setSent(line, line.file.size);
        return;
      }
      if (failure.permanent) {
        line.state = "failed";
        line.why = failure.why;
        this.totals.failed += 1;
        this.options.changed();
        return;
      }
      attempt = line.sent > before ? 1 : attempt + 1;
      await this.waitForNetwork(Math.min(longestWaitMilliseconds, 500 * 2 ** attempt));
    }
    line.state = "waiting";
  }

  private sendOnce(line: Line): Promise<Outcome> {
    return new Promise((resolve) => {
      const upload = new Upload(line.file, {
        endpoint: this.options.endpoint,
        uploadUrl: line.uploadUrl,
        metadata: { record: this.options.record, path: line.path, ...(line.replace ? { replace: "true" } : {}) },
        headers: this.options.headers,
        chunkSize: this.options.chunkBytes,
        uploadDataDuringCreation: this.createsWithData && line.file.size <= smallFileBytes,
        retryDelays: null as unknown as number[],
        storeFingerprintForResuming: false,
        onUploadUrlAvailable: () => {
          line.uploadUrl = upload.url;
        },
        onProgress: (sent) => this.setSent(line, sent),
        onSuccess: () => settle("done"),
        onError: (error) => settle(judge(error)),
      });
      const settle = (outcome: Outcome) => {
        this.stoppedLanes.delete(stop);
        resolve(outcome);
      };
      const stop = () => void upload.abort().finally(() => settle("stopped"));
      this.stoppedLanes.add(stop);
      upload.start();
    });
  }

  private setSent(line: Line, sent: number): void {
    this.totals.sentBytes += sent - line.sent;
    line.sent = sent;
    this.options.changed();
  }

  private async waitForNetwork(milliseconds: number): Promise<void> {
    this.waitingForNetwork += 1;
    this.options.changed();
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        removeEventListener("online", wake);
        this.stoppedLanes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      addEventListener("online", wake);
      this.stoppedLanes.add(wake);
    });
    this.waitingForNetwork -= 1;
    this.options.changed();
  }

  /** One request less per file when the server takes data together with the creation. */
  private async serverCreatesWithData(): Promise<boolean> {
    try {
      const response = await fetch(this.options.endpoint, { method: "OPTIONS", headers: { "Tus-Resumable": "1.0.0" } });
      return (response.headers.get("Tus-Extension") ?? "").split(/\s*,\s*/).includes("creation-with-upload");
    } catch {
      return false;
    }
  }
}

/** A refusal (4xx) stays a refusal; everything else may be the network's or a restart's fault. */
export function judge(error: Error | DetailedError): { permanent: boolean; why: string } {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) {
    // A file that changed or vanished on the disk fails while it is read, without any request.
    const unreadable = /NotReadable|NotFound|could not be read/i.test(`${error.name} ${error.message}`);
    return { permanent: unreadable, why: error.message };
  }
  const status = response.getStatus();
  const transient = status >= 500 || status === 0 || status === 408 || status === 409 || status === 423 || status === 429;
  return { permanent: !transient, why: reasonInText(response.getBody() ?? "", status) };
}
