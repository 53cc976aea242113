// What the islands say, in the language of the page. German and English stand side by
// side so that neither is forgotten.

const words = {
  suggested: { en: "{count} suggestions; walk with the arrow keys", de: "{count} Vorschläge; mit den Pfeiltasten wählen" },
  copied: { en: "Copied", de: "Kopiert" },
  copy: { en: "Copy", de: "Kopieren" },
  citationStyles: { en: "Citation styles", de: "Zitierstile" },
  showNewState: { en: "Show what is new", de: "Neues anzeigen" },
  somethingNew: { en: "There is something new on this page.", de: "Auf dieser Seite gibt es Neues." },

  reading: { en: "Reading the folder: {count} files so far", de: "Der Ordner wird gelesen: bisher {count} Dateien" },
  nothingChosen: { en: "There was no file in what you chose.", de: "In der Auswahl war keine Datei." },
  checking: { en: "Asking what is already there", de: "Es wird nachgesehen, was schon da ist" },
  checkFailed: { en: "The server could not say what is already there: {why}", de: "Der Server konnte nicht sagen, was schon da ist: {why}" },
  sending: { en: "Sending {count} files", de: "{count} Dateien werden gesendet" },
  sendingOne: { en: "Sending one file", de: "Eine Datei wird gesendet" },
  doneAll: { en: "{count} files arrived", de: "{count} Dateien sind angekommen" },
  doneOne: { en: "The file arrived", de: "Die Datei ist angekommen" },
  doneSome: { en: "Arrived: {count}. Did not arrive: {failed}.", de: "Angekommen: {count}. Nicht angekommen: {failed}." },
  waitingForNetwork: { en: "Waiting for the network. Nothing is lost, it goes on by itself.", de: "Warten auf das Netz. Nichts ist verloren, es geht von selbst weiter." },
  networkBack: { en: "The network is back.", de: "Das Netz ist wieder da." },
  speed: { en: "{speed}/s", de: "{speed}/s" },
  timeLeft: { en: "{time} left", de: "noch {time}" },
  ofBytes: { en: "{done} of {total}", de: "{done} von {total}" },
  ofFiles: { en: "{done} of {total} files", de: "{done} von {total} Dateien" },
  percentArrived: { en: "{percent} percent sent", de: "{percent} Prozent gesendet" },
  stateWaiting: { en: "waiting", de: "wartet" },
  stateDone: { en: "arrived", de: "angekommen" },
  stateKept: { en: "already there, kept", de: "schon da, behalten" },
  pause: { en: "Pause", de: "Anhalten" },
  goOn: { en: "Continue", de: "Fortsetzen" },
  paused: { en: "Paused", de: "Angehalten" },
  retryFailed: { en: "Try the failed ones again", de: "Fehlgeschlagene noch einmal versuchen" },
  leaving: { en: "Files are still being sent.", de: "Es werden noch Dateien gesendet." },
  files: { en: "Files being sent", de: "Dateien, die gesendet werden" },
  overall: { en: "All files together", de: "Alle Dateien zusammen" },

  existTitle: { en: "{count} of these files are already there", de: "{count} dieser Dateien sind schon da" },
  existTitleOne: { en: "This file is already there", de: "Diese Datei ist schon da" },
  existSameSize: { en: "All of them have the same size as yours.", de: "Alle haben dieselbe Größe wie Ihre." },
  existOtherSize: { en: "{count} of them differ in size from yours.", de: "{count} davon haben eine andere Größe als Ihre." },
  keep: { en: "Keep what is there, send the rest", de: "Vorhandene behalten, den Rest senden" },
  replace: { en: "Replace them", de: "Ersetzen" },
  replaceDifferent: { en: "Replace those that differ in size", de: "Die mit anderer Größe ersetzen" },
  cancel: { en: "Cancel", de: "Abbrechen" },
  andMore: { en: "and {count} more", de: "und {count} weitere" },

  saving: { en: "Saving", de: "Wird gesichert" },
  saved: { en: "Saved {time}", de: "Gesichert {time}" },
  notSaved: { en: "Not saved: {why}", de: "Nicht gesichert: {why}" },
  notSavedNetwork: { en: "Not saved yet: waiting for the network", de: "Noch nicht gesichert: Warten auf das Netz" },
  fromFile: { en: "read from your file", de: "aus Ihrer Datei gelesen" },

  viewerLoading: { en: "Loading the volume", de: "Das Volumen wird geladen" },
  viewerReady: { en: "The viewer is ready", de: "Der Betrachter ist bereit" },
  viewerFailed: { en: "The viewer could not start: {why}. The pictures show the middle of the volume.", de: "Der Betrachter konnte nicht starten: {why}. Die Bilder zeigen die Mitte des Volumens." },
  noWebGl: { en: "this browser offers no WebGL 2", de: "dieser Browser bietet kein WebGL 2" },
  viewerTools: { en: "Viewer tools", de: "Werkzeuge des Betrachters" },
  layout: { en: "Arrangement", de: "Anordnung" },
  layoutAll: { en: "Slices and volume", de: "Schnitte und Volumen" },
  layout3d: { en: "Volume", de: "Volumen" },
  layoutSlice: { en: "Slice", de: "Schnitt" },
  darkest: { en: "Black below", de: "Schwarz unter" },
  brightest: { en: "White above", de: "Weiß über" },
  resetView: { en: "Reset", de: "Zurücksetzen" },
  copyLink: { en: "Copy link to this view", de: "Link auf diese Ansicht kopieren" },
  copyFailed: { en: "Copy the address of this page: it holds the view.", de: "Kopieren Sie die Adresse dieser Seite: sie enthält die Ansicht." },
  help: { en: "Keys", de: "Tasten" },
  close: { en: "Close", de: "Schließen" },
  sameWindow: { en: "Brightness", de: "Helligkeit" },
} as const;

export type Word = keyof typeof words;
export type Language = "en" | "de";

export function pageLanguage(): Language {
  return document.documentElement.lang.toLowerCase().startsWith("de") ? "de" : "en";
}

/** The sentence in the page's language with `{name}` replaced by the values. */
export function say(word: Word, values: Record<string, string | number> = {}, language: Language = pageLanguage()): string {
  return words[word][language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}
