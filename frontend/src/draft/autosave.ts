// The draft saves itself: changed fields go to the server shortly after the last change,
// and what the server read from the files appears in fields nobody has typed in.

import { reasonInText } from "../upload/check.ts";
import { pageLanguage, say } from "../words.ts";

const quietMilliseconds = 600;
const longestWaitMilliseconds = 30_000;

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Value = string | boolean | string[];

/** What is sent for one field name: a list for `name[]`, a truth for a lone checkbox. */
export function valueOf(fields: { type: string; value: string; checked?: boolean }[], name: string): Value {
  const first = fields[0];
  if (name.endsWith("[]")) return fields.filter((field) => field.type !== "checkbox" || field.checked).map((field) => field.value);
  if (first?.type === "checkbox") return first.checked === true;
  if (first?.type === "radio") return fields.find((field) => field.checked)?.value ?? "";
  return first?.value ?? "";
}

/** A fact as the text of a field. */
export function factAsText(fact: unknown): string {
  if (Array.isArray(fact)) return fact.map(factAsText).join(", ");
  return fact === null || fact === undefined ? "" : String(fact);
}

export class Autosave {
  private readonly dirty = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private sending = false;
  private failures = 0;

  constructor(private readonly form: HTMLFormElement, private readonly url: string) {
    const changed = (event: Event) => {
      const field = event.target as Field;
      // Half a term of a closed vocabulary is no mistake; it is read when it is chosen or left.
      if (event.type === "input" && "suggestOpen" in field.dataset) return;
      this.changed(field);
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    document.addEventListener("science3d:facts", (event) => this.takeFacts((event as CustomEvent<Record<string, unknown>>).detail));
    addEventListener("online", () => this.schedule(0));
    // What was typed in the last half second must not be lost with the tab.
    addEventListener("pagehide", () => void this.send(true));
    form.addEventListener("submit", () => this.dirty.clear());
  }

  private changed(field: Field): void {
    if (!field.name || "autosaveSkip" in field.dataset || field.type === "file") return;
    field.dataset["typed"] = "true";
    badgeOf(field)?.remove();
    for (const place of document.querySelectorAll(`[data-follows="${CSS.escape(field.name)}"]`)) if (field.value.trim()) place.textContent = field.value;
    this.dirty.add(field.name);
    this.form.dataset["dirty"] = "true";
    this.schedule(quietMilliseconds);
  }

  private schedule(milliseconds: number): void {
    if (this.dirty.size === 0) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(false), milliseconds);
  }

  private async send(leaving: boolean): Promise<void> {
    if (this.dirty.size === 0 || (this.sending && !leaving)) return;
    const names = [...this.dirty];
    this.dirty.clear();
    this.sending = true;
    this.note(say("saving"));
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    try {
      const response = await fetch(this.url, {
        method: "PATCH",
        keepalive: leaving,
        headers: { "Content-Type": "application/json", Accept: "application/json", ...(token ? { "X-CSRF-Token": token } : {}) },
        body: JSON.stringify(Object.fromEntries(names.map((name) => [name, valueOf(this.fields(name), name)]))),
      });
      await this.understand(response, names);
    } catch {
      this.again(names, say("notSavedNetwork"));
    } finally {
      this.sending = false;
    }
    if (this.dirty.size > 0 && this.failures === 0) this.schedule(quietMilliseconds);
  }

  private async understand(response: Response, names: string[]): Promise<void> {
    for (const name of names) this.mark(name, "");
    if (response.ok) {
      this.failures = 0;
      if (this.dirty.size === 0) delete this.form.dataset["dirty"];
      return this.note(say("saved", { time: new Date().toLocaleTimeString(pageLanguage(), { hour: "2-digit", minute: "2-digit" }) }));
    }
    const body = await response.text().catch(() => "");
    if (response.status >= 500 || response.status === 429) return this.again(names, say("notSaved", { why: reasonInText(body, response.status) }));
    // A refusal: repeating it would change nothing, so it is shown where it belongs.
    let errors: { field?: string; says?: string }[] = [];
    try {
      errors = (JSON.parse(body) as { errors?: typeof errors }).errors ?? [];
    } catch {
      // No field is named: the note alone has to say it.
    }
    for (const { field, says } of errors) if (field && says) this.mark(field, says);
    this.note(say("notSaved", { why: errors[0]?.says ?? reasonInText(body, response.status) }), true);
  }

  private again(names: string[], words: string): void {
    for (const name of names) this.dirty.add(name);
    this.failures += 1;
    this.note(words, true);
    this.schedule(Math.min(longestWaitMilliseconds, 1000 * 2 ** this.failures));
  }

  private fields(name: string): Field[] {
    return [...this.form.elements].filter((element): element is Field => (element as Field).name === name);
  }

  private note(words: string, bad = false): void {
    for (const place of document.querySelectorAll<HTMLElement>("[data-saved]")) {
      place.textContent = words;
      place.classList.toggle("saved-note-bad", bad);
    }
  }

  /** Shows or, with empty words, removes the error of a field. */
  private mark(name: string, says: string): void {
    const field = this.fields(name)[0];
    const holder = field?.closest(".field");
    if (!field || !holder) return;
    const id = `${field.id || name}-error`;
    document.getElementById(id)?.remove();
    holder.classList.toggle("field-invalid", says !== "");
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    if (says) {
      const error = document.createElement("p");
      error.className = "field-error";
      error.id = id;
      error.textContent = says;
      field.before(error);
      described.push(id);
      field.setAttribute("aria-invalid", "true");
    } else field.removeAttribute("aria-invalid");
    if (described.length > 0) field.setAttribute("aria-describedby", described.join(" "));
    else field.removeAttribute("aria-describedby");
  }

  private takeFacts(facts: Record<string, unknown>): void {
    for (const [name, fact] of Object.entries(facts)) {
      const field = this.fields(name)[0];
      const text = factAsText(fact);
      if (!field || text === "" || this.dirty.has(name) || "typed" in field.dataset || document.activeElement === field) continue;
      if (field.type === "checkbox") (field as HTMLInputElement).checked = fact === true;
      else field.value = text;
      if (!badgeOf(field)) {
        const badge = document.createElement("span");
        badge.className = "from-file";
        badge.textContent = say("fromFile");
        field.labels?.[0]?.append(" ", badge);
      }
    }
  }
}

function badgeOf(field: Field): Element | null {
  return field.labels?.[0]?.querySelector(".from-file") ?? field.closest(".field")?.querySelector(".from-file") ?? null;
}
