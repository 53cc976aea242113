// Asks what to do with files whose paths exist already. Nothing is sent before the answer.

import { say } from "../words.ts";
import type { ExistingFile } from "./check.ts";
import type { ChosenFile } from "./collect.ts";

export type Answer = "keep" | "replace" | "replace-different" | "cancel";

const namesShown = 8;

export function askAboutExisting(chosen: ChosenFile[], existing: Map<string, ExistingFile>): Promise<Answer> {
  const met = chosen.filter(({ path }) => existing.has(path));
  const different = met.filter(({ path, file }) => existing.get(path)!.size !== file.size);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const title = document.createElement("h2");
  title.id = "existing-title";
  title.textContent = met.length === 1 ? say("existTitleOne") : say("existTitle", { count: met.length });
  dialog.setAttribute("aria-labelledby", title.id);
  const sizes = document.createElement("p");
  sizes.textContent = different.length === 0 ? say("existSameSize") : say("existOtherSize", { count: different.length });
  const list = document.createElement("ul");
  for (const { path } of [...different, ...met.filter((one) => !different.includes(one))].slice(0, namesShown)) {
    const item = document.createElement("li");
    item.textContent = path;
    list.append(item);
  }
  if (met.length > namesShown) {
    const rest = document.createElement("li");
    rest.textContent = say("andMore", { count: met.length - namesShown });
    list.append(rest);
  }
  const buttons = document.createElement("div");
  buttons.className = "form-actions";
  dialog.append(title, sizes, list, buttons);
  return new Promise((resolve) => {
    const offer = (answer: Answer, words: string, look: string) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `button ${look}`;
      button.textContent = words;
      button.value = answer;
      button.addEventListener("click", () => dialog.close(answer));
      buttons.append(button);
    };
    offer("keep", say("keep"), "button-primary");
    if (different.length > 0 && different.length < met.length) offer("replace-different", say("replaceDifferent"), "");
    offer("replace", say("replace"), "button-danger");
    offer("cancel", say("cancel"), "button-quiet");
    // Escape closes without a value: that is a cancel.
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve((dialog.returnValue || "cancel") as Answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
