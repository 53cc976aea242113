//! The words of following by mail and of writing to the authors.

use crate::language::Language;

words! {
    pub(crate) struct FollowWords, FOLLOW_ENGLISH, FOLLOW_GERMAN;

    follow: "Follow" | "Folgen";
    follow_record_help: "You get an e-mail when the files open, when there is a new version or a correction, and when it is withdrawn. No account is needed." | "Sie bekommen eine E-Mail, wenn die Dateien geöffnet werden, wenn es eine neue Version oder Berichtigung gibt und wenn der Eintrag zurückgezogen wird. Ein Konto ist nicht nötig.";
    follow_email: "Your e-mail address" | "Ihre E-Mail-Adresse";
    follow_this: "Follow this record" | "Diesem Eintrag folgen";
    follow_all: "Follow new releases" | "Neuen Freigaben folgen";
    follow_all_help: "You get an e-mail when the files of a record open or a publication appears: at most one a day, with titles and DOIs. No account is needed." | "Sie bekommen eine E-Mail, wenn die Dateien eines Eintrags geöffnet werden oder eine Publikation erscheint: höchstens eine am Tag, mit Titeln und DOIs. Ein Konto ist nicht nötig.";
    follow_kept: "Your address is kept for these letters alone, seen by nobody, and deleted when you end them. Every letter has a link for that." | "Ihre Adresse dient nur diesen Nachrichten, niemand sieht sie, und sie wird gelöscht, sobald Sie sie beenden. Jede Nachricht enthält einen Link dafür.";
    follow_asked_title: "One more step: look into your mailbox" | "Noch ein Schritt: Sehen Sie in Ihr Postfach";
    follow_asked: "We have sent a letter with a link. Nothing is followed until you confirm it there; after three days without confirmation the address is forgotten." | "Wir haben eine Nachricht mit einem Link geschickt. Erst wenn Sie dort bestätigen, folgen Sie; nach drei Tagen ohne Bestätigung wird die Adresse vergessen.";
    follow_by_feed: "By feed reader" | "Mit einem Feed-Reader";
    follow_by_mail: "By e-mail" | "Per E-Mail";
    feed_new: "Everything new" | "Alles Neue";
    feed_open: "Records with open files" | "Einträge mit offenen Dateien";
    following_title: "Following by e-mail" | "Per E-Mail folgen";
    following_all: "All new releases" | "Alle neuen Freigaben";
    following_waiting: "You do not follow this yet. Press the button and the letters begin." | "Noch folgen Sie nicht. Mit dem Knopf beginnen die Nachrichten.";
    following_confirm: "Yes, I want to follow" | "Ja, ich möchte folgen";
    following_not: "No, forget this address" | "Nein, diese Adresse vergessen";
    following_on: "This address follows." | "Diese Adresse folgt.";
    following_begun: "You follow now. The next letter comes when there is news." | "Sie folgen jetzt. Die nächste Nachricht kommt, sobald es etwas Neues gibt.";
    following_stop: "No more letters" | "Keine Nachrichten mehr";
    following_gone: "With this link nothing is followed. No letters are sent, and the address is not kept." | "Mit diesem Link wird nichts verfolgt. Es kommen keine Nachrichten, und die Adresse ist nicht gespeichert.";
    write: "Write to the authors" | "An die Autorinnen und Autoren schreiben";
    write_help: "Goes by e-mail to the owners of this record. They see your name and address and can answer; you do not see theirs." | "Geht per E-Mail an die Besitzerinnen und Besitzer dieses Eintrags. Sie sehen Ihren Namen und Ihre Adresse und können antworten; Sie sehen deren Adressen nicht.";
    write_name: "Your name" | "Ihr Name";
    write_message: "Message" | "Nachricht";
    write_send: "Send" | "Senden";
    write_sent: "Your message is on its way to the owners of this record. An answer comes to your address." | "Ihre Nachricht ist auf dem Weg zu den Besitzerinnen und Besitzern dieses Eintrags. Eine Antwort kommt an Ihre Adresse.";
    leave_empty: "Leave this field empty" | "Dieses Feld bitte leer lassen";
    back_to_record: "Back to the record" | "Zurück zum Eintrag";
}

impl FollowWords {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &FOLLOW_ENGLISH,
            Language::German => &FOLLOW_GERMAN,
        }
    }
}
