// Small comforts of the entry page: copy buttons, and citation styles as tabs. Without
// this script all styles stand one below the other and can be selected by hand.

import { say } from "./words.ts";

function enableCopying(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy], [data-copy-text]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    const words = button.textContent;
    button.addEventListener("click", async () => {
      const source = button.dataset["copy"] ? document.querySelector<HTMLElement>(button.dataset["copy"]) : null;
      await navigator.clipboard.writeText(button.dataset["copyText"] ?? source?.innerText.trim() ?? "");
      button.textContent = say("copied");
      setTimeout(() => (button.textContent = words), 2000);
    });
  }
}

function makeTabs(box: Element): void {
  const styles = [...box.querySelectorAll<HTMLElement>(".citation-style")];
  if (styles.length < 2) return;
  const row = document.createElement("div");
  row.className = "tabs";
  row.setAttribute("role", "tablist");
  row.setAttribute("aria-label", say("citationStyles"));
  const tabs = styles.map((style, at) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.className = "tab";
    tab.id = `citation-tab-${at}`;
    style.id ||= `citation-style-${at}`;
    tab.textContent = style.dataset["style"] ?? String(at + 1);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", style.id);
    style.setAttribute("role", "tabpanel");
    style.setAttribute("aria-labelledby", tab.id);
    const heading = style.querySelector("h3");
    if (heading) heading.hidden = true;
    return tab;
  });
  const choose = (chosen: number) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      styles[at]!.hidden = at !== chosen;
    });
  };
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (tabs.findIndex((tab) => tab.tabIndex === 0) + step + tabs.length) % tabs.length;
    choose(next);
    tabs[next]!.focus();
    event.preventDefault();
  });
  tabs.forEach((tab, at) => tab.addEventListener("click", () => choose(at)));
  row.append(...tabs);
  styles[0]!.before(row);
  choose(0);
}

enableCopying();
for (const box of document.querySelectorAll("[data-citation]")) makeTabs(box);
