// The dropzone: takes files, asks what is there, and hands them to the queue.

import { say } from "../words.ts";
import { askAboutExisting, type Answer } from "./ask.ts";
import { askPatiently, checkPaths, type CheckAnswer } from "./check.ts";
import { collectFromDrop, collectFromInput, inNaturalOrder, type ChosenFile } from "./collect.ts";
import { UploadPanel } from "./panel.ts";
import { UploadQueue, type Line } from "./queue.ts";

const defaultChunkBytes = 64 * 1024 * 1024;
const defaultLanes = 3;

/** What to do with each chosen file, once the server and the person have answered. */
export function planLines(chosen: ChosenFile[], check: CheckAnswer, answer: Answer): Line[] {
  return chosen.map(({ path, file }) => {
    const existing = check.existing.get(path);
    const unfinished = check.unfinished.get(path);
    const replace = existing !== undefined && (answer === "replace" || (answer === "replace-different" && existing.size !== file.size));
    const resumes = unfinished !== undefined && unfinished.length === file.size;
    return {
      path,
      file,
      state: existing && !replace ? "kept" : "waiting",
      sent: resumes && !(existing && !replace) ? unfinished.offset : 0,
      replace,
      uploadUrl: resumes ? unfinished.upload_url : null,
      why: "",
    };
  });
}

export class UploadIsland {
  private readonly queue: UploadQueue;
  private readonly panelPlace: HTMLElement;
  private panel: UploadPanel | null = null;
  private readonly headers: Record<string, string>;

  constructor(private readonly form: HTMLElement) {
    const data = form.dataset;
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    this.headers = token ? { "X-CSRF-Token": token } : {};
    this.panelPlace = form.querySelector<HTMLElement>("[data-upload-panel]") ?? form.appendChild(document.createElement("div"));
    this.queue = new UploadQueue({
      endpoint: data["endpoint"] ?? "/api/v1/uploads",
      record: data["record"] ?? "",
      chunkBytes: positive(data["chunkBytes"], defaultChunkBytes),
      lanes: positive(data["lanes"], defaultLanes),
      headers: this.headers,
      changed: () => this.changed(),
      finished: () => this.finished(),
    });
    this.listen();
  }

  private listen(): void {
    for (const input of this.form.querySelectorAll<HTMLInputElement>("input[data-choose]")) {
      input.addEventListener("change", () => {
        const chosen = inNaturalOrder(collectFromInput(input.files ?? []));
        // Emptied, so that choosing the same folder again is a change again.
        input.value = "";
        void this.take(chosen);
      });
    }
    const zone = this.form.querySelector<HTMLElement>("[data-dropzone]") ?? this.form;
    let depth = 0;
    const over = (change: number) => {
      depth = Math.max(0, depth + change);
      zone.classList.toggle("dropzone-over", depth > 0);
    };
    zone.addEventListener("dragenter", (event) => (event.preventDefault(), over(1)));
    zone.addEventListener("dragleave", () => over(-1));
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      over(-depth);
      if (event.dataTransfer) void this.takeDrop(event.dataTransfer);
    });
    // A file dropped beside the zone must not replace the page.
    for (const kind of ["dragover", "drop"] as const) addEventListener(kind, (event) => event.preventDefault());
    addEventListener("beforeunload", (event) => {
      if (this.queue.running) event.preventDefault();
    });
  }

  private async takeDrop(transfer: DataTransfer): Promise<void> {
    const panel = this.showPanel();
    try {
      await this.take(await collectFromDrop(transfer, (count) => panel.announce(say("reading", { count }))));
    } catch (error) {
      panel.announce(error instanceof Error ? error.message : String(error));
    }
  }

  private async take(chosen: ChosenFile[]): Promise<void> {
    const panel = this.showPanel();
    if (chosen.length === 0) return panel.announce(say("nothingChosen"));
    panel.announce(say("checking"));
    let check: CheckAnswer;
    try {
      check = await checkPaths(this.form.dataset["check"] ?? "", chosen, this.headers, askPatiently(() => panel.announce(say("waitingForNetwork"))));
    } catch (error) {
      return panel.announce(say("checkFailed", { why: error instanceof Error ? error.message : String(error) }));
    }
    const answer = check.existing.size > 0 ? await askAboutExisting(chosen, check.existing) : "keep";
    if (answer === "cancel") {
      if (this.queue.lines.length === 0) this.panelPlace.replaceChildren();
      return;
    }
    this.queue.add(planLines(chosen, check, answer));
    this.form.querySelector("[data-dropzone]")?.classList.add("dropzone-slim");
    document.documentElement.dataset["uploading"] = "true";
    panel.restartSpeed();
    panel.announce(chosen.length === 1 ? say("sendingOne") : say("sending", { count: chosen.length }));
    this.form.dispatchEvent(new CustomEvent("science3d:uploads-started", { bubbles: true, detail: { files: chosen.length } }));
    await this.queue.start();
    if (!this.queue.running) this.finished();
  }

  private showPanel(): UploadPanel {
    this.panel ??= new UploadPanel(this.panelPlace, this.queue);
    if (!this.panelPlace.hasChildNodes()) this.panel = new UploadPanel(this.panelPlace, this.queue);
    return this.panel;
  }

  private changed(): void {
    this.panel?.changed();
    if (this.queue.running) document.documentElement.dataset["uploading"] = "true";
  }

  private finished(): void {
    delete document.documentElement.dataset["uploading"];
    this.panel?.finished();
    const { done, failed, bytes } = this.queue.totals;
    this.form.dispatchEvent(new CustomEvent("science3d:uploads-finished", { bubbles: true, detail: { files: done, failed, bytes } }));
  }
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? Math.floor(value) : otherwise;
}
