// The deposit page: uploads and the draft that saves itself.

import { Autosave } from "./draft/autosave.ts";
import { UploadIsland } from "./upload/island.ts";

for (const form of document.querySelectorAll<HTMLElement>("[data-upload]")) new UploadIsland(form);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosave]")) {
  const url = form.dataset["autosave"];
  if (url) new Autosave(form, url);
}
