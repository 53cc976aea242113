// Type-ahead for fields whose values stand in a vocabulary. Without this script they are plain fields; with it the list is a
// combobox as the ARIA practices describe it: arrows walk, Enter takes, Escape closes, typing goes on as before.

import { pageLanguage, say } from "./words.ts";

const quietMilliseconds = 120;

/** What the server suggests: what goes into the field, what stands beside it, and its number. */
export interface Suggestion {
  id: string;
  label: string;
  detail: string;
}

/** The next place in a list that one walks round, from nowhere (-1) to the first or the last. */
export function walk(place: number, count: number, step: 1 | -1): number {
  if (count === 0) return -1;
  if (place < 0) return step > 0 ? 0 : count - 1;
  return (place + step + count) % count;
}

/** The part of a line of parts with semicolons between in which the caret stands; nothing in an earlier place, or in an address. */
export function partAt(text: string, caret: number, fromPlace: number): string {
  const before = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
  const parts = before.split(";");
  const part = parts[parts.length - 1] ?? "";
  return parts.length - 1 < fromPlace || /^[\s\d-]*$|:\/\//.test(part) ? "" : part;
}

/** The text with what was chosen in place of that part, and its id behind it. */
export function placed(text: string, caret: number, chosen: Suggestion): { value: string; caret: number } {
  const from = Math.max(text.lastIndexOf("\n", caret - 1), text.lastIndexOf(";", caret - 1)) + 1;
  const ends = [text.indexOf("\n", caret), text.indexOf(";", caret)].filter((end) => end >= 0);
  const to = Math.min(text.length, ...ends);
  const space = text[from - 1] === ";" ? " " : "";
  const words = `${space}${chosen.label}; ${chosen.id}`;
  return { value: text.slice(0, from) + words + text.slice(to), caret: from + words.length };
}

class Combobox {
  private readonly list = document.createElement("ul");
  private readonly status = document.createElement("p");
  private suggestions: Suggestion[] = [];
  private place = -1;
  private chosenId = "";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked: AbortController | null = null;

  constructor(private readonly input: HTMLInputElement | HTMLTextAreaElement, private readonly url: string) {
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels?.[0]?.textContent?.trim() ?? input.name);
    this.list.hidden = true;
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    // A number that stood beside a name belongs to that name.
    const partner = input.form?.elements.namedItem(input.dataset["suggestId"] ?? "");
    if (partner instanceof HTMLInputElement && input.value.trim()) this.chosenId = partner.value;
    input.after(this.list, this.status);
    // A text of many lines stays one: it only has a list beside it.
    if (input instanceof HTMLInputElement) {
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-expanded", "false");
      // The browser's own list, which serves where there is no script.
      input.removeAttribute("list");
    }
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.autocomplete = "off";
    input.addEventListener("input", () => this.schedule());
    if ("suggestOpen" in input.dataset) input.addEventListener("focus", () => void this.ask());
    input.addEventListener("keydown", (event) => this.key(event as KeyboardEvent));
    input.addEventListener("blur", () => this.close());
    // The list must not take the focus before the click arrives.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.clicked(event.target as Element));
  }

  private schedule(): void {
    if (this.timer) clearTimeout(this.timer);
    this.asked?.abort();
    // What was chosen before is not what stands there now.
    this.partner("");
    this.timer = setTimeout(() => void this.ask(), quietMilliseconds);
  }

  private async ask(): Promise<void> {
    const typed = this.typed().trim();
    if (typed.length < 2 && !("suggestOpen" in this.input.dataset)) return this.close();
    this.asked = new AbortController();
    try {
      const address = `${this.url}?q=${encodeURIComponent(typed)}&lang=${pageLanguage()}`;
      const response = await fetch(address, { signal: this.asked.signal, headers: { accept: "application/json" } });
      if (!response.ok) return this.close();
      const answer = (await response.json()) as { items: Suggestion[] };
      this.show(answer.items);
    } catch {
      // Typed on, or no network: the field is a plain field then.
      this.close();
    }
  }

  private show(suggestions: Suggestion[]): void {
    this.suggestions = suggestions;
    this.place = -1;
    this.list.replaceChildren(...suggestions.map((suggestion, number) => this.option(suggestion, number)));
    const open = suggestions.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.expanded(open);
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = open ? say("suggested", { count: String(suggestions.length) }) : "";
  }

  private option(suggestion: Suggestion, number: number): HTMLLIElement {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset["number"] = String(number);
    const label = document.createElement("span");
    label.textContent = suggestion.label;
    const detail = document.createElement("span");
    detail.className = "muted";
    detail.textContent = suggestion.detail;
    option.append(label, " ", detail);
    return option;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      return this.close();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.suggestions.length === 0 || this.list.hidden) return;
      event.preventDefault();
      return this.mark(walk(this.place, this.suggestions.length, event.key === "ArrowDown" ? 1 : -1));
    }
    const chosen = this.suggestions[this.place];
    if (event.key === "Enter" && chosen && !this.list.hidden) {
      event.preventDefault();
      this.take(chosen);
    }
  }

  /** What suggestions are asked for: the field, or of a text the part of the line in which the caret stands. */
  private typed(): string {
    if (!(this.input instanceof HTMLTextAreaElement)) return this.input.value;
    return partAt(this.input.value, this.input.selectionStart, Number(this.input.dataset["suggestPlace"] ?? 0));
  }

  private expanded(open: boolean): void {
    if (this.input instanceof HTMLInputElement) this.input.setAttribute("aria-expanded", String(open));
  }

  private mark(place: number): void {
    this.place = place;
    for (const [number, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(number === place));
      if (number === place) {
        option.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", option.id);
      }
    }
  }

  private clicked(target: Element): void {
    const chosen = this.suggestions[Number(target.closest<HTMLElement>("[data-number]")?.dataset["number"] ?? -1)];
    if (chosen) this.take(chosen);
  }

  private take(chosen: Suggestion): void {
    if (this.input instanceof HTMLTextAreaElement) {
      const { value, caret } = placed(this.input.value, this.input.selectionStart, chosen);
      this.input.value = value;
      this.input.setSelectionRange(caret, caret);
    } else {
      this.input.value = chosen.label;
      this.partner(chosen.id);
    }
    this.close();
    // The draft saves itself on this event; it must not ask for suggestions again.
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The field that keeps the number of what was chosen. */
  private partner(value: string): void {
    const field = this.input.form?.elements.namedItem(this.input.dataset["suggestId"] ?? "");
    if (!(field instanceof HTMLInputElement) || field.value === value) return;
    // A number that somebody typed is theirs.
    if (value === "" && field.value !== this.chosenId) return;
    this.chosenId = value;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private close(): void {
    this.list.hidden = true;
    this.place = -1;
    this.expanded(false);
    this.input.removeAttribute("aria-activedescendant");
  }
}

if (typeof document !== "undefined") {
  for (const input of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("[data-suggest]")) new Combobox(input, input.dataset["suggest"] ?? "");
}
