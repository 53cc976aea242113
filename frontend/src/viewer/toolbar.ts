// The few tools above the volume: arrangement, brightness window, reset, link, keys.

import { say, type Word } from "../words.ts";
import type { VolumeFacts } from "./state.ts";

export interface ToolbarActions {
  setLayout: (layout: string) => void;
  setWindow: (low: number, high: number) => void;
  reset: () => void;
  /** For owners: leads to where the present view becomes the record's picture. */
  usePicture?: { words: string; go: () => void };
}

export interface Toolbar {
  element: HTMLElement;
  showLayout: (layout: string) => void;
  showWindow: (low: number, high: number) => void;
}

const keys: [string, { en: string; de: string }][] = [
  ["Drag", { en: "turn the volume; move a slice", de: "Volumen drehen; Schnitt verschieben" }],
  ["Wheel", { en: "step through the slices", de: "durch die Schnitte blättern" }],
  ["Ctrl + Wheel", { en: "zoom", de: "vergrößern" }],
  ["Right click", { en: "go to this point", de: "zu diesem Punkt gehen" }],
  [", .", { en: "one slice back, one on", de: "einen Schnitt zurück, einen weiter" }],
  ["↑ ↓ ← →", { en: "move", de: "verschieben" }],
  ["Ctrl + + / −", { en: "zoom", de: "vergrößern, verkleinern" }],
  ["Shift + ↑ ↓ ← →", { en: "turn", de: "drehen" }],
  ["Space", { en: "one panel or all", de: "ein Feld oder alle" }],
  ["A", { en: "axis lines", de: "Achsenlinien" }],
  ["B", { en: "scale bar", de: "Maßstab" }],
];

export function buildToolbar(facts: VolumeFacts, actions: ToolbarActions): Toolbar {
  const element = document.createElement("div");
  element.className = "viewer-tools";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", say("viewerTools"));
  const { box: layoutBox, show: showLayout } = buildLayoutChoice(actions.setLayout);
  const { box: windowBox, show: showWindow } = buildWindowSliders(facts, actions.setWindow);
  const help = buildHelp();
  const helpButton = button("help", () => help.showModal());
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  status.className = "viewer-tools-status";
  const copy = button("copyLink", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = say("copied");
    } catch {
      status.textContent = say("copyFailed");
    }
    setTimeout(() => (status.textContent = ""), 4000);
  });
  const tail = document.createElement("div");
  tail.className = "viewer-tools-tail";
  tail.append(button("resetView", actions.reset), copy);
  if (actions.usePicture) {
    const use = button("resetView", actions.usePicture.go);
    use.textContent = actions.usePicture.words;
    tail.append(use);
  }
  tail.append(helpButton, status);
  element.append(layoutBox, windowBox, tail, help);
  return { element, showLayout, showWindow };
}

function button(word: Word, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "viewer-tool";
  made.textContent = say(word);
  made.addEventListener("click", act);
  return made;
}

function buildLayoutChoice(choose: (layout: string) => void) {
  const box = document.createElement("div");
  box.className = "viewer-tools-choice";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", say("layout"));
  const options = ([["4panel", "layoutAll"], ["3d", "layout3d"], ["xy", "layoutSlice"]] as const).map(([layout, word]) => {
    const option = button(word, () => choose(layout));
    option.dataset["layout"] = layout;
    box.append(option);
    return option;
  });
  const show = (layout: string) => {
    for (const option of options) option.setAttribute("aria-pressed", String(option.dataset["layout"] === layout));
  };
  return { box, show };
}

function buildWindowSliders(facts: VolumeFacts, changed: (low: number, high: number) => void) {
  const box = document.createElement("div");
  box.className = "viewer-tools-window";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", say("sameWindow"));
  const [from, to] = facts.range;
  const step = Number.isInteger(from) && Number.isInteger(to) && to - from > 20 ? 1 : (to - from) / 500 || 0.01;
  const sliders = (["darkest", "brightest"] as const).map((word) => {
    const label = document.createElement("label");
    const name = document.createElement("span");
    name.textContent = say(word);
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = String(from);
    slider.max = String(to);
    slider.step = String(step);
    const shown = document.createElement("output");
    label.append(name, slider, shown);
    box.append(label);
    return { slider, shown };
  });
  const [low, high] = sliders as [(typeof sliders)[0], (typeof sliders)[0]];
  const show = (lowest: number, highest: number) => {
    low.slider.value = String(lowest);
    high.slider.value = String(highest);
    low.shown.value = inWords(lowest);
    high.shown.value = inWords(highest);
  };
  for (const { slider } of sliders) {
    slider.addEventListener("input", () => {
      let [lowest, highest] = [Number(low.slider.value), Number(high.slider.value)];
      // The two never cross: the one that is not held is pushed along.
      if (highest - lowest < step) {
        if (slider === low.slider) highest = lowest + step;
        else lowest = highest - step;
      }
      show(lowest, highest);
      changed(lowest, highest);
    });
  }
  return { box, show };
}

function inWords(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString(document.documentElement.lang || "en");
}

function buildHelp(): HTMLDialogElement {
  const language = document.documentElement.lang.startsWith("de") ? "de" : "en";
  const dialog = document.createElement("dialog");
  dialog.className = "dialog viewer-help";
  const title = document.createElement("h2");
  title.textContent = say("help");
  title.id = "viewer-help-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const list = document.createElement("dl");
  list.className = "facts";
  for (const [key, meaning] of keys) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const keyboard = document.createElement("kbd");
    keyboard.textContent = language === "de" ? inGerman(key) : key;
    term.append(keyboard);
    const definition = document.createElement("dd");
    definition.textContent = meaning[language];
    pair.append(term, definition);
    list.append(pair);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.textContent = say("close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, close);
  return dialog;
}

function inGerman(key: string): string {
  return key.replace("Drag", "Ziehen").replace("Wheel", "Rad").replace("Ctrl", "Strg").replace("Right click", "Rechtsklick").replace("Shift", "Umschalt").replace("Space", "Leertaste");
}
