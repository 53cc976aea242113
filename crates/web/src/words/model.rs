//! The words of the model's page and of prints that schools ask for.

use crate::language::Language;

words! {
    pub(crate) struct ModelWords, MODEL_ENGLISH, MODEL_GERMAN;

    print_ask: "Ask for a print for your school" | "Einen Druck für die Schule bestellen";
    print_ask_help: "Whoever runs this archive sees your wish, and answers by e-mail. Name and address are removed 90 days after the end." | "Wer dieses Archiv betreibt, sieht Ihren Wunsch und antwortet per E-Mail. Name und Adresse werden 90 Tage nach dem Abschluss gelöscht.";
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
    many_triangles: "triangles" | "Dreiecke";
    model_finer: "Finer" | "Feiner";
    model_finer_help: "A finer surface has" | "Eine feinere Oberfläche hat";
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
