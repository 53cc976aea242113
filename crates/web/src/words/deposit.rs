//! The words of the deposit pages: steps, labour, and every field of the form.

use super::publication::{PUBLICATION_ENGLISH, PUBLICATION_GERMAN, PublicationWords};
use std::ops::Deref;

/// The words about publications read like the others.
impl Deref for DepositWords {
    type Target = PublicationWords;
    fn deref(&self) -> &PublicationWords {
        self.publication
    }
}

words! {
    pub(crate) struct DepositWords, DEPOSIT_ENGLISH, DEPOSIT_GERMAN;
    [publication: PublicationWords = &PUBLICATION_ENGLISH, &PUBLICATION_GERMAN]

    // Deposit.
    what_to_upload: "What do you want to upload?" | "Was möchten Sie hochladen?";
    choose_kind: "Choose one of the kinds offered." | "Wählen Sie eine der angebotenen Arten.";
    what_it_means: "What these mean" | "Was das bedeutet";
    see_entry_page: "See the entry page" | "Seite des Eintrags ansehen";
    drop_here: "Drop a folder or files here" | "Ordner oder Dateien hier ablegen";
    drop_help: "The folder tree is kept. You can close the page: what has arrived stays, the rest continues when you choose the same folder again." | "Der Ordnerbaum bleibt erhalten. Sie können die Seite schließen: Was angekommen ist, bleibt; der Rest geht weiter, wenn Sie denselben Ordner noch einmal wählen.";
    choose_folder: "Choose a folder" | "Ordner wählen";
    choose_files: "Choose files" | "Dateien wählen";
    without_script: "Without JavaScript: files up to 64 MiB each." | "Ohne JavaScript: Dateien bis je 64 MiB.";
    unfinished_uploads: "Unfinished uploads" | "Unfertige Übertragungen";
    unfinished_help: "Choose the same folder or files again to continue where they stopped." | "Wählen Sie denselben Ordner oder dieselben Dateien noch einmal, dann geht es dort weiter.";
    more_fields: "More (optional)" | "Mehr (freiwillig)";
    some_fields_wrong: "Some fields could not be read" | "Einige Felder sind nicht lesbar";
    found_title: "What the files are" | "Was die Dateien sind";
    read_from_file: "read from your file" | "aus Ihrer Datei gelesen";
    other_steps: "Other steps" | "Weitere Schritte";
    before_registering: "Before registering" | "Vor dem Registrieren";
    before_publishing: "Before publishing" | "Vor dem Veröffentlichen";
    before_releasing: "Before releasing" | "Vor dem Freigeben";
    ready_to_register: "Ready to register." | "Bereit zum Registrieren.";
    ready_to_publish: "Ready to publish." | "Bereit zum Veröffentlichen.";
    ready_to_release: "Ready to release." | "Bereit zum Freigeben.";
    will_open_on: "The files will open by themselves:" | "Die Dateien öffnen sich von selbst:";
    change_date: "Change the date" | "Datum ändern";
    register: "Register" | "Registrieren";
    publish: "Publish" | "Veröffentlichen";
    release: "Release" | "Freigeben";
    schedule: "Set a release date" | "Freigabedatum setzen";
    new_version: "New version" | "Neue Version";
    go_on_with_version: "Go on with the new version" | "An der neuen Version weiterarbeiten";
    ask_revise: "Begin a new version?" | "Eine neue Version beginnen?";
    means_revise_1: "It begins with the files and words of the present version. You can add, replace and remove files and change every field." | "Sie beginnt mit den Dateien und Angaben der jetzigen Version. Sie können Dateien hinzufügen, ersetzen und entfernen und jedes Feld ändern.";
    means_revise_2: "Until you release it, only your team sees it. The present version stays exactly as it is, at its own address and with its own DOI." | "Bis Sie sie freigeben, sieht sie nur Ihr Team. Die jetzige Version bleibt genau, wie sie ist, unter eigener Adresse und mit eigener DOI.";
    means_release_version: "Everyone sees this version from then on; the version before stays at its own address. Its files can no longer be changed." | "Alle sehen von da an diese Version; die Version davor bleibt unter ihrer Adresse. Ihre Dateien lassen sich danach nicht mehr ändern.";
    means_delete_version: "The draft of the new version and the files that came with it are removed. The released version stays." | "Der Entwurf der neuen Version und die Dateien, die mit ihm kamen, werden entfernt. Die freigegebene Version bleibt.";
    use_as_template: "Use as a template" | "Als Vorlage verwenden";
    ask_copy: "Begin a new record from this one?" | "Mit diesem Eintrag einen neuen beginnen?";
    means_copy: "You get a draft of your own with the words of this record: people, sample, measurement, licence. Files, what was read from them, relations and the place where a text appeared are left out." | "Sie erhalten einen eigenen Entwurf mit den Angaben dieses Eintrags: Personen, Probe, Messung, Lizenz. Dateien, was aus ihnen gelesen wurde, Beziehungen und der Erscheinungsort eines Textes bleiben weg.";
    withdraw: "Withdraw" | "Zurückziehen";
    delete_draft: "Delete the draft" | "Entwurf löschen";
    not_yet: "Not yet" | "Noch nicht";
    ask_register: "Register this record?" | "Diesen Eintrag registrieren?";
    ask_publish: "Publish this text?" | "Diesen Text veröffentlichen?";
    ask_release: "Open the files to everyone?" | "Die Dateien für alle öffnen?";
    ask_schedule: "When shall the files open?" | "Wann sollen sich die Dateien öffnen?";
    ask_withdraw: "Withdraw this record?" | "Diesen Eintrag zurückziehen?";
    ask_delete: "Delete this draft?" | "Diesen Entwurf löschen?";
    means_register_1: "The record gets its DOI and its page becomes public: title, people, description." | "Der Eintrag erhält seine DOI, und seine Seite wird öffentlich: Titel, Personen, Beschreibung.";
    means_register_2: "The files stay closed until you release them. A registered record cannot be deleted, only withdrawn." | "Die Dateien bleiben geschlossen, bis Sie sie freigeben. Ein registrierter Eintrag kann nicht gelöscht, nur zurückgezogen werden.";
    means_publish: "Everything becomes visible at once and stays visible. A published text cannot be deleted, only withdrawn." | "Alles wird sofort sichtbar und bleibt es. Ein veröffentlichter Text kann nicht gelöscht, nur zurückgezogen werden.";
    means_release: "Everyone can look at the files and download them under the licence you chose. They can no longer be changed." | "Alle können die Dateien ansehen und unter der gewählten Lizenz herunterladen. Sie lassen sich danach nicht mehr ändern.";
    means_schedule: "On that minute the files open by themselves. Leave the date empty to decide later." | "In dieser Minute öffnen sich die Dateien von selbst. Lassen Sie das Datum leer, um später zu entscheiden.";
    means_withdraw: "Files and description close for good. The DOI stays and leads to a note that the record was withdrawn." | "Dateien und Beschreibung schließen sich für immer. Die DOI bleibt und führt zu dem Hinweis, dass der Eintrag zurückgezogen wurde.";
    means_delete: "The draft and its files are removed and cannot be brought back." | "Der Entwurf und seine Dateien werden entfernt und lassen sich nicht zurückholen.";
    its_doi: "Its DOI:" | "Seine DOI:";
    reason: "Reason" | "Grund";
    reason_help: "One sentence; only the team and the curators see it." | "Ein Satz; nur das Team und die Kuratoren sehen ihn.";
    release_date: "Release date and time, UTC" | "Freigabe am, Uhrzeit in UTC";
    release_date_help: "For example 2027-03-01 12:00." | "Zum Beispiel 2027-03-01 12:00.";
    job_inspect: "Reading the headers" | "Kopfdaten lesen";
    look_title: "First look" | "Erster Blick";
    look_from: "From" | "Aus";
    look_of: "of" | "von";
    look_arriving: "slices; the rest is on its way." | "Schichten; der Rest ist unterwegs.";
    look_follows: "slices; the volume is being made." | "Schichten; das Volumen wird gemacht.";
    job_look: "Taking a first look" | "Ersten Blick nehmen";
    job_convert: "Making the volume" | "Volumen machen";
    job_preview: "Making pictures" | "Bilder machen";
    job_models: "Checking the models" | "Modelle prüfen";
    job_print_kit: "Making a kit for a 3D printer" | "Ein Druckpaket machen";
    job_surface: "Making the surface" | "Oberfläche machen";
    job_movies: "Looking at the movies" | "Filme ansehen";
    job_movie: "Making the movie" | "Film machen";
    job_preserve: "Laying down in the store" | "Im Speicher ablegen";
    job_compare_dois: "Comparing DOIs with the registrar" | "DOIs mit der Registrierungsstelle vergleichen";
    job_retire_doi: "Hiding a DOI" | "DOI verbergen";
    job_register_doi: "Telling the registrar" | "DOI melden";
    job_release_on_date: "Release on the set day" | "Freigabe am gesetzten Tag";
    job_send_mail: "Sending a mail" | "E-Mail senden";
    job_sweep: "Tidying up" | "Aufräumen";
    failed_inspect: "The headers could not be read" | "Die Kopfdaten ließen sich nicht lesen";
    failed_convert: "The volume could not be made" | "Das Volumen ließ sich nicht machen";
    no_volume: "No volume" | "Kein Volumen";
    no_volume_text: "None of the files is of a kind that can be read as a volume. All files are kept and can be released as they are." | "Keine der Dateien ist von einer Art, die sich als Volumen lesen lässt. Alle Dateien bleiben erhalten und können so freigegeben werden, wie sie sind.";
    failed_preview: "The pictures could not be made" | "Die Bilder ließen sich nicht machen";
    failed_models: "Not every model could be read" | "Nicht jedes Modell ließ sich lesen";
    failed_movies: "Not every movie can be played in browsers" | "Nicht jeder Film lässt sich im Browser spielen";
    no_surface: "No surface" | "Keine Oberfläche";
    no_kit: "No kit for a 3D printer" | "Kein Druckpaket";
    models_kept: "Not every model was looked at" | "Nicht jedes Modell wurde geprüft";
    no_ffmpeg: "Movies are kept as they are" | "Filme bleiben, wie sie sind";
    failed_print_kit: "A kit for a 3D printer could not be made" | "Ein Druckpaket ließ sich nicht machen";
    failed_surface: "The surface could not be made" | "Die Oberfläche ließ sich nicht machen";
    failed_movie: "The movie could not be made" | "Der Film ließ sich nicht machen";
    failed_preserve: "The files could not be laid down in the store" | "Die Dateien ließen sich nicht im Speicher ablegen";
    failed_register_doi: "The registrar refused the DOI" | "Die DOI wurde abgelehnt";
    failed_other: "Something failed" | "Etwas ist gescheitert";
    job_running: "at work" | "läuft";
    job_waiting: "waiting" | "wartet";
    job_failed_lead: "" | "Das Programm sagt dazu, auf Englisch:";
    noticed_title: "What was noticed in your files" | "Was an Ihren Dateien auffiel";
    job_again: "Will be tried again:" | "Wird noch einmal versucht:";
    job_done: "done" | "fertig";
    try_again: "Try again" | "Noch einmal versuchen";

    // Of fields; what the form says of them stands in record::field.
    field_title: "Title" | "Titel";
    field_year: "Year" | "Jahr";
    field_technique: "Technique" | "Messmethode";
    field_facility: "Facility" | "Einrichtung";
    affiliation_of_all: "Institution of all authors who have none yet" | "Einrichtung aller, bei denen noch keine steht";
    field_licence: "Licence" | "Lizenz";
    field_probe: "Probe" | "Strahlung";
    field_keywords: "Keywords" | "Stichwörter";
    fault_day: "Give a day such as 2026-11-23." | "Geben Sie einen Tag an, etwa 2026-11-23.";
}
