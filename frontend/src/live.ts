// A page that keeps itself current while the worker labours: listens to the server's
// events and changes bars and lists in place. Without it a reload shows the same.

import { say } from "./words.ts";

export interface Reason {
  code: string;
  says: string;
  /** The form's field that would settle it, when there is one. */
  field?: string | null;
}

export type LiveEvent =
  | { kind: "progress"; job: string; done: number; total: number; says?: string }
  | { kind: "facts"; facts: Record<string, unknown> }
  | { kind: "readiness"; register?: Reason[]; release?: Reason[]; [gate: string]: unknown }
  | { kind: "look"; says: string; pictures: { src: string; alt: string; width: number; height: number }[] }
  | { kind: "reload" };

const longestWaitMilliseconds = 30_000;

function listen(url: string): void {
  let failures = 0;
  const open = () => {
    const source = new EventSource(url);
    const take = (event: MessageEvent<string>) => {
      failures = 0;
      try {
        apply(JSON.parse(event.data) as LiveEvent);
      } catch (error) {
        console.warn("an event that is not understood", event.data, error);
      }
    };
    source.addEventListener("message", take);
    for (const kind of ["progress", "facts", "readiness", "look", "reload"]) source.addEventListener(kind, take);
    source.addEventListener("error", () => {
      // The browser tries again by itself unless the server refused; then we do, patiently.
      if (source.readyState !== EventSource.CLOSED) return;
      failures += 1;
      setTimeout(open, Math.min(longestWaitMilliseconds, 1000 * 2 ** failures));
    });
    addEventListener("pagehide", () => source.close(), { once: true });
  };
  open();
}

function apply(event: LiveEvent): void {
  if (event.kind === "progress") showProgress(event);
  else if (event.kind === "facts") document.dispatchEvent(new CustomEvent("science3d:facts", { detail: event.facts }));
  else if (event.kind === "readiness") for (const gate of ["register", "release", "publish"]) showReadiness(gate, event[gate]);
  else if (event.kind === "look") showLook(event);
  else if (event.kind === "reload") reloadGently();
}

function showProgress({ job, done, total, says }: Extract<LiveEvent, { kind: "progress" }>): void {
  for (const place of document.querySelectorAll<HTMLElement>(`[data-progress="${CSS.escape(job)}"]`)) {
    place.hidden = false;
    const bar = place.matches("progress") ? (place as HTMLProgressElement) : place.querySelector("progress");
    if (bar && total > 0) {
      bar.max = total;
      bar.value = Math.min(done, total);
    } else bar?.removeAttribute("value");
    const words = place.querySelector<HTMLElement>("[data-says]");
    if (words && says !== undefined) words.textContent = says;
  }
}

/** The first look at what has arrived, put in place of the one before. */
function showLook({ says, pictures }: Extract<LiveEvent, { kind: "look" }>): void {
  const place = document.querySelector<HTMLElement>("[data-look]");
  const words = place?.querySelector<HTMLElement>("[data-look-says]");
  const list = place?.querySelector<HTMLElement>("[data-look-pictures]");
  if (!place || !words || !list) return;
  words.textContent = says;
  list.replaceChildren(
    ...pictures.map(({ src, alt, width, height }) => {
      const image = document.createElement("img");
      Object.assign(image, { className: "picture", src, alt, width, height });
      const figure = document.createElement("figure");
      figure.append(image);
      const item = document.createElement("li");
      item.append(figure);
      return item;
    }),
  );
  place.hidden = false;
}

function showReadiness(gate: string, reasons: unknown): void {
  if (!Array.isArray(reasons)) return;
  for (const list of document.querySelectorAll<HTMLElement>(`[data-readiness="${gate}"]`)) {
    const items = (reasons as Reason[]).map(reasonItem);
    if (items.length === 0 && list.dataset["none"]) {
      const item = document.createElement("li");
      item.className = "readiness-none";
      item.textContent = list.dataset["none"];
      items.push(item);
    }
    // Unchanged lists are left alone, so that a screen reader does not read them again.
    if (list.textContent?.replace(/\s+/g, "") !== items.map((item) => item.textContent).join("").replace(/\s+/g, "")) list.replaceChildren(...items);
  }
  for (const count of document.querySelectorAll<HTMLElement>(`[data-readiness-count="${gate}"]`)) count.textContent = reasons.length > 0 ? String(reasons.length) : "";
  for (const button of document.querySelectorAll<HTMLElement>(`[data-readiness-button="${gate}"]`)) {
    // Never `disabled`: the button stays reachable and the server repeats the reasons.
    if (reasons.length > 0) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function reasonItem({ code, says, field }: Reason): HTMLLIElement {
  const item = document.createElement("li");
  item.dataset["code"] = code;
  if (field && document.getElementById(field)) {
    const link = document.createElement("a");
    link.href = `#${field}`;
    link.textContent = says;
    item.append(link);
  } else item.textContent = says;
  return item;
}

function isBusy(): boolean {
  const active = document.activeElement;
  const typing = active instanceof HTMLElement && active.matches("input, textarea, select, [contenteditable]");
  return typing || "uploading" in document.documentElement.dataset || document.querySelector("form[data-dirty], dialog[open]") !== null;
}

function reloadGently(): void {
  if (!isBusy()) return location.reload();
  if (document.querySelector("[data-reload-offer]")) return;
  const offer = document.createElement("div");
  offer.className = "notice live-offer";
  offer.dataset["reloadOffer"] = "";
  offer.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = say("somethingNew");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small";
  button.textContent = say("showNewState");
  button.addEventListener("click", () => location.reload());
  offer.append(words, button);
  document.body.append(offer);
}

const place = document.querySelector<HTMLElement>("[data-events]");
if (place?.dataset["events"]) listen(place.dataset["events"]);
