//! The words of the model's page and of prints that schools ask for.

use crate::language::Language;

words! {
    pub(crate) struct ModelWords, MODEL_ENGLISH, MODEL_GERMAN;

    print_ask: "Ask for a print for your school" | "Einen Druck für die Schule bestellen";
    print_ask_help: "Whoever runs this archive sees your wish, and answers by e-mail. Name and address are removed 90 days after the end." | "Wer dieses Archiv betreibt, sieht Ihren Wunsch und antwortet per E-Mail. Name und Adresse werden 90 Tage nach dem Abschluss gelöscht.";
    print_model: "Model" | "Modell";
    print_kit_of_size: "Kit of this size" | "Paket in dieser Größe";
    kit_choose: "In another size" | "In anderer Größe";
    kit_choose_help: "For your printer's bed: how large, on what base, with or without halves that show the inside. It is made before everything else that waits, usually within minutes, and kept for others." | "Passend zu Ihrem Drucker: wie groß, auf welchem Sockel, mit oder ohne Hälften, die das Innere zeigen. Es kommt vor allem anderen an die Reihe, dauert meist wenige Minuten und liegt dann auch für andere bereit.";
    kit_bed: "Fits into a cube of this edge, in mm" | "Passt in einen Würfel dieser Kantenlänge, in mm";
    kit_base: "Base" | "Sockel";
    kit_base_none: "none" | "keiner";
    kit_base_letters: "flat, with the DOI" | "flach, mit der DOI";
    kit_base_code: "flat, with the DOI and a QR code" | "flach, mit DOI und QR-Code";
    kit_base_help: "A base needs a DOI and room for it: a print of about 50 mm for the QR code, of about 100 mm for the letters. Smaller prints come without." | "Ein Sockel braucht eine DOI und Platz dafür: einen Druck von etwa 50 mm für den QR-Code, von etwa 100 mm für die Buchstaben. Kleinere Drucke kommen ohne.";
    kit_report: "What the print will be like" | "Wie der Druck wird";
    kit_size: "Size (x, y, z)" | "Größe (x, y, z)";
    kit_walls: "Thinnest walls" | "Dünnste Wände";
    kit_walls_none: "no thin walls were found" | "dünne Wände wurden nicht gefunden";
    kit_walls_good: "they can be printed with a nozzle of" | "druckbar mit einer Düse von";
    kit_walls_lost: "they will be missing with a nozzle of" | "sie fehlen im Druck mit einer Düse von";
    kit_pieces: "Pieces" | "Stücke";
    kit_one_piece: "one piece" | "ein Stück";
    kit_many_pieces: "pieces or hollows that do not hang together; small ones fall off, hollows do no harm" | "Stücke oder Hohlräume, die nicht zusammenhängen; kleine fallen ab, Hohlräume schaden nicht";
    kit_filament: "Filament" | "Material";
    kit_time: "Time" | "Dauer";
    kit_estimated: "estimated: two lines of wall, 15 % infill, no supports" | "geschätzt: zwei Wandlinien, 15 % Füllung, ohne Stützen";
    kit_by_slicer: "by a slicer: 15 % infill, no supports" | "laut Druckprogramm: 15 % Füllung, ohne Stützen";
    kit_halves: "Also in two halves, each lying on its cut" | "Auch in zwei Hälften, jede auf ihrem Schnitt";
    kit_make: "Make this kit" | "Dieses Paket machen";
    kit_title: "Kit for a 3D printer" | "Paket für den 3D-Drucker";
    kit_coming: "It is being made. This page looks again by itself every few seconds." | "Es wird gerade gemacht. Diese Seite sieht alle paar Sekunden von selbst nach.";
    kit_ready: "It is ready." | "Es ist fertig.";
    kit_take: "Take the kit" | "Paket herunterladen";
    kit_failed: "It could not be made." | "Es ließ sich nicht machen.";
    kit_absent: "Nobody has asked for this kit yet." | "Dieses Paket hat noch niemand bestellt.";
    model_pick_keys: "With the keyboard: turn the model with the arrow keys and press Enter to mark what lies in the middle." | "Mit der Tastatur: Drehen Sie das Modell mit den Pfeiltasten und drücken Sie Enter, um zu markieren, was in der Mitte liegt.";
    model_ar: "In your room" | "Im eigenen Raum";
    print_school: "School" | "Schule";
    print_size: "Longest side in mm" | "Längste Seite in mm";
    print_message: "What is it for, and where shall it go?" | "Wofür ist er, und wohin soll er?";
    print_asked_title: "Your wish has been passed on" | "Ihr Wunsch ist weitergegeben";
    print_asked_says: "You get an e-mail when there is news of it." | "Sie bekommen eine E-Mail, sobald es Neues gibt.";
    print_queue_empty: "Nobody has asked for a print." | "Niemand hat einen Druck bestellt.";
    print_next: "Go on" | "Weiter";
    print_is_asked: "asked for" | "bestellt";
    print_is_accepted: "accepted" | "angenommen";
    print_is_printed: "printed" | "gedruckt";
    print_is_sent: "sent" | "verschickt";
    print_is_declined: "declined" | "abgelehnt";
    model_smoothing: "Rounds of smoothing" | "Glättungen";
    model_merged: "Made coarser to fit a phone: gaps and details closed or left out below" | "Für Telefone vergröbert: Lücken und Einzelheiten geschlossen oder weggelassen unter";
    many_triangles: "triangles" | "Dreiecke";
    model_finer: "Finer" | "Feiner";
    model_finer_help: "A finer surface has" | "Eine feinere Oberfläche hat";
    model_packed: "packed for the web (EXT_meshopt_compression); many programs do not unpack it" | "gepackt fürs Web (EXT_meshopt_compression); viele Programme entpacken es nicht";
    model_plain: "without extensions, for any program that reads glTF" | "ohne Erweiterungen, für jedes Programm, das glTF liest";
    model_measured: "Measured on the surface of" | "Gemessen an der Oberfläche aus";
    model_shown: "triangles. What is turned above has, at first:" | "Dreiecken. Was oben gedreht wird, hat zunächst:";
    model_others: "Models of this record" | "Modelle dieses Eintrags";
    model_found: "What was found in the file" | "Was in der Datei gefunden wurde";
}

impl ModelWords {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &MODEL_ENGLISH,
            Language::German => &MODEL_GERMAN,
        }
    }
}
