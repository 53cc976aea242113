// Shows a running upload: one bar for everything, speed, time left, and a list that only
// ever holds the lines one can see, so that 100,000 files cost no more than ten.

import { bytesInWords, secondsInWords } from "../amounts.ts";
import { pageLanguage, say } from "../words.ts";
import type { Line, UploadQueue } from "./queue.ts";
import { SpeedEstimate } from "./speed.ts";

const lineHeight = 44;
const spareLines = 4;
const paintMilliseconds = 250;

export class UploadPanel {
  private readonly root = document.createElement("section");
  private readonly headline = part("p", "");
  private readonly bar = document.createElement("progress");
  private readonly bytes = part("span", "");
  private readonly files = part("span", "");
  private readonly speed = part("span", "");
  private readonly left = part("span", "");
  private readonly waiting = part("p", "upload-waiting");
  private readonly announcer = part("p", "visually-hidden");
  private readonly list = part("div", "upload-list");
  private readonly spacer = document.createElement("div");
  private readonly pauseButton = document.createElement("button");
  private readonly retryButton = document.createElement("button");
  private readonly estimate = new SpeedEstimate();
  private readonly shown = new Map<number, HTMLElement>();
  private painting: ReturnType<typeof setTimeout> | null = null;
  private announcedQuarter = 0;
  private followsFront = true;

  constructor(place: HTMLElement, private readonly queue: UploadQueue) {
    this.build();
    place.replaceChildren(this.root);
  }

  /** Says one thing to the eye and to screen readers, for the time before the queue runs. */
  announce(words: string): void {
    this.headline.textContent = words;
    this.announcer.textContent = words;
  }

  /** May be called thousands of times a second. */
  changed(): void {
    this.estimate.add(this.queue.totals.sentBytes, performance.now());
    this.painting ??= setTimeout(() => {
      this.painting = null;
      this.paint();
    }, paintMilliseconds);
  }

  restartSpeed(): void {
    this.estimate.restart();
  }

  finished(): void {
    const { done, failed } = this.queue.totals;
    this.paint();
    if (failed > 0) this.announce(say("doneSome", { count: done, failed }));
    else this.announce(done === 1 ? say("doneOne") : say("doneAll", { count: done }));
  }

  private build(): void {
    this.root.className = "upload-panel";
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", say("overall"));
    this.announcer.setAttribute("aria-live", "polite");
    this.waiting.setAttribute("role", "status");
    this.waiting.hidden = true;
    const head = part("div", "upload-headline");
    const buttons = part("span", "row");
    for (const [button, words] of [[this.retryButton, say("retryFailed")], [this.pauseButton, say("pause")]] as const) {
      button.type = "button";
      button.className = "button button-small";
      button.textContent = words;
      button.hidden = true;
      buttons.append(button);
    }
    this.retryButton.addEventListener("click", () => this.queue.retryFailed());
    this.pauseButton.addEventListener("click", () => {
      this.estimate.restart();
      if (this.queue.paused) void this.queue.start();
      else this.queue.pause();
    });
    head.append(this.headline, buttons);
    const numbers = part("p", "upload-numbers");
    numbers.append(this.bytes, this.files, this.speed, this.left);
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", say("files"));
    this.list.append(this.spacer);
    this.list.addEventListener("scroll", () => this.paintLines());
    for (const gesture of ["wheel", "pointerdown", "keydown"] as const) {
      this.list.addEventListener(gesture, () => (this.followsFront = false), { passive: true });
    }
    this.root.append(head, this.bar, numbers, this.waiting, this.announcer, this.list);
  }

  private paint(): void {
    const { totals } = this.queue;
    const language = pageLanguage();
    const now = performance.now();
    const share = totals.bytes > 0 ? totals.sentBytes / totals.bytes : totals.done / Math.max(1, totals.files);
    this.bar.value = share;
    this.bytes.textContent = say("ofBytes", { done: bytesInWords(totals.sentBytes, language), total: bytesInWords(totals.bytes, language) });
    this.files.textContent = say("ofFiles", { done: totals.done, total: totals.files });
    const moving = this.queue.running && !this.queue.paused && this.queue.waitingForNetwork === 0;
    const speed = this.estimate.bytesPerSecond(now);
    this.speed.textContent = moving && speed > 0 ? say("speed", { speed: bytesInWords(speed, language) }) : "";
    const left = this.estimate.secondsLeft(totals.bytes - totals.sentBytes, now);
    this.left.textContent = moving && Number.isFinite(left) ? say("timeLeft", { time: secondsInWords(left) }) : "";
    if (this.queue.paused) this.headline.textContent = say("paused");
    else if (this.queue.running) this.headline.textContent = totals.files === 1 ? say("sendingOne") : say("sending", { count: totals.files });
    const waits = this.queue.waitingForNetwork > 0;
    if (waits !== !this.waiting.hidden) {
      this.waiting.hidden = !waits;
      this.waiting.textContent = waits ? say("waitingForNetwork") : "";
      this.estimate.restart();
    }
    this.pauseButton.hidden = !(this.queue.running || this.queue.paused);
    this.pauseButton.textContent = this.queue.paused ? say("goOn") : say("pause");
    this.retryButton.hidden = this.queue.running || totals.failed === 0;
    this.announceQuarter(share);
    this.paintLines();
  }

  /** Screen readers hear a quarter, a half, three quarters: not every percent. */
  private announceQuarter(share: number): void {
    const quarter = Math.floor(share * 4);
    if (quarter > this.announcedQuarter && quarter < 4) this.announcer.textContent = say("percentArrived", { percent: quarter * 25 });
    this.announcedQuarter = quarter;
  }

  private paintLines(): void {
    const { lines } = this.queue;
    this.spacer.style.height = `${lines.length * lineHeight}px`;
    this.list.style.height = `${Math.min(lines.length, 7) * lineHeight}px`;
    if (this.followsFront) this.list.scrollTop = Math.max(0, this.queue.front - 2) * lineHeight;
    const first = Math.max(0, Math.floor(this.list.scrollTop / lineHeight) - spareLines);
    const last = Math.min(lines.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / lineHeight) + spareLines);
    for (const [at, element] of this.shown) {
      if (at >= first && at < last) continue;
      element.remove();
      this.shown.delete(at);
    }
    for (let at = first; at < last; at += 1) {
      let element = this.shown.get(at);
      if (!element) {
        element = buildLine();
        element.style.top = `${at * lineHeight}px`;
        this.spacer.append(element);
        this.shown.set(at, element);
      }
      fillLine(element, lines[at]!);
    }
  }
}

function part(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
}

function buildLine(): HTMLElement {
  const line = part("div", "upload-line");
  const bar = document.createElement("progress");
  bar.max = 1;
  line.append(part("bdi", "upload-line-path"), part("span", "upload-line-state"), bar);
  return line;
}

function fillLine(element: HTMLElement, line: Line): void {
  const [path, state, bar] = element.children as unknown as [HTMLElement, HTMLElement, HTMLProgressElement];
  const language = pageLanguage();
  path.textContent = line.path;
  path.title = line.path;
  element.className = `upload-line upload-line-${line.state}`;
  bar.setAttribute("aria-label", line.path);
  bar.value = line.file.size > 0 ? line.sent / line.file.size : Number(line.state === "done");
  bar.hidden = line.state !== "sending";
  state.textContent = {
    waiting: bytesInWords(line.file.size, language),
    sending: say("ofBytes", { done: bytesInWords(line.sent, language), total: bytesInWords(line.file.size, language) }),
    done: say("stateDone"),
    kept: say("stateKept"),
    failed: line.why,
  }[line.state];
}
