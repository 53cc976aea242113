//! The licences that people choose for data, pictures, models and programs, each in one plain sentence; the rest of SPDX's list is
//! taken as well and has no sentence of its own. No legal advice: the text of the licence decides.

use crate::term::Bilingual;

/// SPDX id and sentence, in the order of the form.
pub(super) static EXPLAINED: [(&str, Bilingual); 29] = [
    says(
        "CC-BY-4.0",
        "Anyone may use, change and share it for any purpose, also to earn money, if they name you.",
        "Alle dürfen es für jeden Zweck nutzen, ändern und weitergeben, auch um Geld zu verdienen, wenn sie Sie nennen.",
    ),
    says(
        "CC0-1.0",
        "You give up your rights: anyone may do anything with it, and nobody must name you.",
        "Sie verzichten auf Ihre Rechte: Alle dürfen alles damit tun, und niemand muss Sie nennen.",
    ),
    says(
        "CC-BY-SA-4.0",
        "As CC BY; who changes it must share the result under the same terms.",
        "Wie CC BY; wer es ändert, muss das Ergebnis unter denselben Bedingungen weitergeben.",
    ),
    says(
        "CC-BY-NC-4.0",
        "As CC BY, but not to earn money; many museums, schools with fees and firms cannot use it.",
        "Wie CC BY, aber nicht um Geld zu verdienen; viele Museen, Schulen mit Gebühren und Firmen können es nicht nutzen.",
    ),
    says(
        "CC-BY-NC-SA-4.0",
        "Not to earn money, and who changes it must share the result under the same terms; they must name you.",
        "Nicht um Geld zu verdienen, und wer es ändert, muss das Ergebnis unter denselben Bedingungen weitergeben; Sie sind zu nennen.",
    ),
    says(
        "CC-BY-ND-4.0",
        "It may be shared as it is if they name you; nobody may share a changed version, such as a segmentation or a print.",
        "Es darf unverändert weitergegeben werden, wenn Sie genannt werden; Bearbeitungen wie Segmentierungen oder Drucke darf niemand weitergeben.",
    ),
    says(
        "CC-BY-NC-ND-4.0",
        "It may be shared as it is, not to earn money, if they name you; nobody may share a changed version, such as a segmentation or a print.",
        "Es darf unverändert weitergegeben werden, nicht um Geld zu verdienen, wenn Sie genannt werden; Bearbeitungen wie Segmentierungen oder Drucke darf niemand weitergeben.",
    ),
    says(
        "ODbL-1.0",
        "For databases: anyone may use and change it if they name you and share a changed database under the same terms.",
        "Für Datenbanken: Alle dürfen sie nutzen und ändern, wenn sie Sie nennen und eine geänderte Datenbank unter denselben Bedingungen weitergeben.",
    ),
    says(
        "ODC-By-1.0",
        "For databases: anyone may use, change and share it for any purpose if they name you.",
        "Für Datenbanken: Alle dürfen sie für jeden Zweck nutzen, ändern und weitergeben, wenn sie Sie nennen.",
    ),
    says(
        "PDDL-1.0",
        "For databases: you give up your rights, and anyone may do anything with it.",
        "Für Datenbanken: Sie verzichten auf Ihre Rechte, und alle dürfen alles damit tun.",
    ),
    says(
        "CDLA-Permissive-2.0",
        "For data: anyone may use, change and share them; who shares the data hands on the text of the licence.",
        "Für Daten: Alle dürfen sie nutzen, ändern und weitergeben; wer sie weitergibt, gibt den Text der Lizenz mit.",
    ),
    says(
        "CDLA-Sharing-1.0",
        "For data: anyone may use and change them; who shares them, changed or not, does so under the same terms.",
        "Für Daten: Alle dürfen sie nutzen und ändern; wer sie weitergibt, ob geändert oder nicht, tut es unter denselben Bedingungen.",
    ),
    says(
        "DL-DE-BY-2.0",
        "Data of German authorities: anyone may use and change them for any purpose if they name the source and say what was changed.",
        "Daten deutscher Behörden: Alle dürfen sie für jeden Zweck nutzen und ändern, wenn sie die Quelle nennen und sagen, was geändert wurde.",
    ),
    says(
        "DL-DE-ZERO-2.0",
        "Data of German authorities: anyone may do anything with them, without conditions.",
        "Daten deutscher Behörden: Alle dürfen alles damit tun, ohne Bedingungen.",
    ),
    says(
        "etalab-2.0",
        "Data of French authorities: anyone may use and change them for any purpose if they name the source and its date.",
        "Daten französischer Behörden: Alle dürfen sie für jeden Zweck nutzen und ändern, wenn sie die Quelle und ihr Datum nennen.",
    ),
    says(
        "OGL-UK-3.0",
        "Data of British authorities: anyone may use and change them for any purpose if they name the source.",
        "Daten britischer Behörden: Alle dürfen sie für jeden Zweck nutzen und ändern, wenn sie die Quelle nennen.",
    ),
    says(
        "CC-PDM-1.0",
        "Nobody has rights in it any more, for example because it is very old: anyone may do anything with it.",
        "Niemand hat mehr Rechte daran, etwa weil es sehr alt ist: Alle dürfen alles damit tun.",
    ),
    says(
        "MIT",
        "For programs: anyone may use, change, share and sell it if your name and the licence stay with it.",
        "Für Programme: Alle dürfen es nutzen, ändern, weitergeben und verkaufen, wenn Ihr Name und die Lizenz dabeibleiben.",
    ),
    says(
        "BSD-3-Clause",
        "For programs: as MIT, and nobody may advertise with your name.",
        "Für Programme: wie MIT, und niemand darf mit Ihrem Namen werben.",
    ),
    says(
        "BSD-2-Clause",
        "For programs: anyone may use, change and share it if your name and the licence stay with it.",
        "Für Programme: Alle dürfen es nutzen, ändern und weitergeben, wenn Ihr Name und die Lizenz dabeibleiben.",
    ),
    says(
        "Apache-2.0",
        "For programs: anyone may use, change and share it if the licence stays with it and changes are told; it also lets them use your patents in it.",
        "Für Programme: Alle dürfen es nutzen, ändern und weitergeben, wenn die Lizenz dabeibleibt und Änderungen genannt werden; auch Ihre Patente darin dürfen sie nutzen.",
    ),
    says(
        "GPL-3.0-or-later",
        "For programs: anyone may use and change it; who shares it gives the source code too, under this licence or a later version of it.",
        "Für Programme: Alle dürfen es nutzen und ändern; wer es weitergibt, gibt auch den Quelltext, unter dieser Lizenz oder einer späteren Fassung.",
    ),
    says(
        "GPL-3.0-only",
        "For programs: anyone may use and change it; who shares it gives the source code too, under this licence.",
        "Für Programme: Alle dürfen es nutzen und ändern; wer es weitergibt, gibt auch den Quelltext, unter dieser Lizenz.",
    ),
    says(
        "LGPL-3.0-or-later",
        "For libraries of programs: any program may use it; who changes the library itself shares the changes under the same terms.",
        "Für Programmbibliotheken: Jedes Programm darf sie nutzen; wer die Bibliothek selbst ändert, gibt die Änderungen unter denselben Bedingungen weiter.",
    ),
    says(
        "AGPL-3.0-or-later",
        "For programs: as the GPL, and who lets others use it over a network gives them the source code too.",
        "Für Programme: wie die GPL, und wer andere es über ein Netz nutzen lässt, gibt auch ihnen den Quelltext.",
    ),
    says(
        "MPL-2.0",
        "For programs: anyone may use and change it; who shares a changed file shares that file under the same terms.",
        "Für Programme: Alle dürfen es nutzen und ändern; wer eine geänderte Datei weitergibt, gibt diese Datei unter denselben Bedingungen weiter.",
    ),
    says(
        "EUPL-1.2",
        "For programs, in the languages of the European Union: anyone may use and change it; who shares it does so under the same or a compatible licence.",
        "Für Programme, in den Sprachen der Europäischen Union: Alle dürfen es nutzen und ändern; wer es weitergibt, tut es unter derselben oder einer verträglichen Lizenz.",
    ),
    says(
        "CERN-OHL-P-2.0",
        "For designs of devices: anyone may make, change and share them if your name and the licence stay with them.",
        "Für Entwürfe von Geräten: Alle dürfen sie bauen, ändern und weitergeben, wenn Ihr Name und die Lizenz dabeibleiben.",
    ),
    says(
        "CERN-OHL-S-2.0",
        "For designs of devices: anyone may make and change them; who shares a design or a device shares the design under the same terms.",
        "Für Entwürfe von Geräten: Alle dürfen sie bauen und ändern; wer Entwurf oder Gerät weitergibt, gibt den Entwurf unter denselben Bedingungen weiter.",
    ),
];

/// Of a licence that forbids changed copies and has no sentence of its own.
pub(super) const NO_CHANGED_COPIES: Bilingual = Bilingual::new(
    "A licence of SPDX's list; it does not let others share changed copies, such as a segmentation or a print. Its text says what it asks for.",
    "Eine Lizenz aus der Liste von SPDX; sie erlaubt nicht, geänderte Kopien wie Segmentierungen oder Drucke weiterzugeben. Ihr Text sagt, was sie verlangt.",
);

/// Of the rest.
pub(super) const NOT_EXPLAINED: Bilingual = Bilingual::new(
    "A licence of SPDX's list. Its text says what it allows and asks for.",
    "Eine Lizenz aus der Liste von SPDX. Ihr Text sagt, was sie erlaubt und verlangt.",
);

const fn says(spdx: &'static str, en: &'static str, de: &'static str) -> (&'static str, Bilingual) {
    (spdx, Bilingual::new(en, de))
}
