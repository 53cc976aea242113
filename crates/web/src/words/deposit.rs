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
    see_entry_page: "See the entry page" | "Seite des Eintrags ansehen";
    drop_here: "Drop a folder or files here" | "Ordner oder Dateien hier ablegen";
    drop_help: "The folder tree is kept. You can close the page: what has arrived stays, the rest continues when you choose the same folder again." | "Der Ordnerbaum bleibt erhalten. Sie können die Seite schließen: Was angekommen ist, bleibt; der Rest geht weiter, wenn Sie denselben Ordner noch einmal wählen.";
    choose_folder: "Choose a folder" | "Ordner wählen";
    choose_files: "Choose files" | "Dateien wählen";
    without_script: "Without JavaScript: files up to 64 MiB each." | "Ohne JavaScript: Dateien bis je 64 MiB.";
    unfinished_uploads: "Unfinished uploads" | "Unfertige Übertragungen";
    unfinished_help: "Choose the same folder or files again to continue where they stopped." | "Wählen Sie denselben Ordner oder dieselben Dateien noch einmal, dann geht es dort weiter.";
    more_fields: "More fields (optional)" | "Weitere Felder (freiwillig)";
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
    job_convert: "Making the volume" | "Volumen machen";
    job_preview: "Making pictures" | "Bilder machen";
    job_surface: "Making the surface" | "Oberfläche machen";
    job_preserve: "Laying down in the store" | "Im Speicher ablegen";
    job_register_doi: "Telling the registrar" | "DOI melden";
    job_release_on_date: "Release on the set day" | "Freigabe am gesetzten Tag";
    job_send_mail: "Sending a mail" | "E-Mail senden";
    job_sweep: "Tidying up" | "Aufräumen";
    failed_inspect: "The headers could not be read" | "Die Kopfdaten ließen sich nicht lesen";
    failed_convert: "The volume could not be made" | "Das Volumen ließ sich nicht machen";
    no_volume: "No volume" | "Kein Volumen";
    no_volume_text: "None of the files is of a kind that can be read as a volume. All files are kept and can be released as they are." | "Keine der Dateien ist von einer Art, die sich als Volumen lesen lässt. Alle Dateien bleiben erhalten und können so freigegeben werden, wie sie sind.";
    failed_preview: "The pictures could not be made" | "Die Bilder ließen sich nicht machen";
    failed_surface: "The surface could not be made" | "Die Oberfläche ließ sich nicht machen";
    failed_preserve: "The files could not be laid down in the store" | "Die Dateien ließen sich nicht im Speicher ablegen";
    failed_register_doi: "The registrar refused the DOI" | "Die DOI wurde abgelehnt";
    failed_other: "Something failed" | "Etwas ist gescheitert";
    job_running: "at work" | "läuft";
    job_waiting: "waiting" | "wartet";
    job_again: "Will be tried again:" | "Wird noch einmal versucht:";
    job_done: "done" | "fertig";
    try_again: "Try again" | "Noch einmal versuchen";

    // Fields of the form.
    field_title: "Title" | "Titel";
    help_title: "What it is, as you would say it to a colleague from another field." | "Was es ist, so wie Sie es jemandem aus einem anderen Fach sagen würden.";
    field_creators: "Authors" | "Autorinnen und Autoren";
    help_creators: "One a line: Family, Given; ORCID; affiliation. ORCID and affiliation may be left out." | "Eine Person je Zeile: Nachname, Vorname; ORCID; Einrichtung. ORCID und Einrichtung können fehlen.";
    field_description: "In plain words" | "In einfachen Worten";
    help_description: "Two or three sentences that a pupil can follow." | "Zwei, drei Sätze, die man in der Schule versteht.";
    field_year: "Year" | "Jahr";
    help_year: "When it appeared." | "Wann es erschienen ist.";
    field_journal: "Journal" | "Zeitschrift";
    help_journal: "The full name, or give the DOI below." | "Der volle Name, oder geben Sie unten die DOI an.";
    field_article_doi: "The publisher's DOI" | "DOI des Verlags";
    help_article_doi: "If the text has one; no second DOI is given then." | "Falls der Text eine hat; dann wird keine zweite vergeben.";
    field_organism: "Organism" | "Organismus";
    help_organism: "Scientific name, such as Littorina littorea." | "Wissenschaftlicher Name, etwa Littorina littorea.";
    field_material: "Material" | "Material";
    help_material: "What it is made of, such as sandstone." | "Woraus es besteht, etwa Sandstein.";
    field_sample_name: "Sample" | "Probe";
    help_sample_name: "What you call it, such as a collection number." | "Wie Sie sie nennen, etwa die Sammlungsnummer.";
    field_technique: "Technique" | "Messmethode";
    help_technique: "How it was measured, in the words of the PaNET ontology." | "Wie gemessen wurde, in den Worten der Ontologie PaNET.";
    field_facility: "Facility" | "Einrichtung";
    help_facility: "Where it was measured." | "Wo gemessen wurde.";
    field_voxel_size: "Voxel size" | "Voxelgröße";
    help_voxel_size: "In micrometres: z y x, or one number for all three." | "In Mikrometern: z y x, oder eine Zahl für alle drei.";
    field_licence: "Licence" | "Lizenz";
    help_licence: "What others may do with it. CC BY 4.0 asks them to name you." | "Was andere damit tun dürfen. CC BY 4.0 verlangt, Sie zu nennen.";
    field_synthetic: "A computer made these data" | "Diese Daten hat ein Computer erzeugt";
    help_synthetic: "Tick it when nothing was measured; it is shown everywhere." | "Ankreuzen, wenn nichts gemessen wurde; es steht dann überall dabei.";
    field_part: "Part" | "Körperteil";
    help_part: "Organ, tissue or bone." | "Organ, Gewebe oder Knochen.";
    field_taxon_id: "NCBI taxonomy id" | "NCBI-Taxonomie-Nummer";
    help_taxon_id: "A number, such as 31216." | "Eine Zahl, etwa 31216.";
    field_preparation: "Preparation" | "Präparation";
    help_preparation: "Fixed, stained, dried, embedded in …" | "Fixiert, gefärbt, getrocknet, eingebettet in …";
    field_probe: "Probe" | "Strahlung";
    help_probe: "What went through the sample." | "Was durch die Probe ging.";
    field_instrument: "Instrument" | "Instrument";
    help_instrument: "Beamline, scanner or microscope." | "Strahlführung, Tomograph oder Mikroskop.";
    field_energy: "Photon energy (keV)" | "Photonenenergie (keV)";
    help_energy: "Mean energy of the x-rays." | "Mittlere Energie der Röntgenstrahlung.";
    field_wavelength: "Wavelength (Å)" | "Wellenlänge (Å)";
    help_wavelength: "Mean wavelength of the neutrons." | "Mittlere Wellenlänge der Neutronen.";
    field_date: "Measured on" | "Gemessen am";
    help_date: "The day of the measurement." | "Der Tag der Messung.";
    field_projections: "Projections" | "Projektionen";
    help_projections: "How many were taken." | "Wie viele aufgenommen wurden.";
    field_exposure: "Exposure time (s)" | "Belichtungszeit (s)";
    help_exposure: "Of one projection." | "Einer Projektion.";
    field_distance: "Propagation distance (mm)" | "Propagationsabstand (mm)";
    help_distance: "From sample to detector." | "Von der Probe zum Detektor.";
    field_detector: "Detector" | "Detektor";
    help_detector: "Camera and scintillator." | "Kamera und Szintillator.";
    field_reconstruction: "Reconstruction" | "Rekonstruktion";
    help_reconstruction: "Algorithm and program." | "Verfahren und Programm.";
    field_proposal: "Proposal" | "Antrag";
    help_proposal: "Number of the proposal." | "Nummer des Antrags.";
    field_beamtime: "Beamtime" | "Strahlzeit";
    help_beamtime: "Number of the beamtime." | "Nummer der Strahlzeit.";
    field_volume: "Volume" | "Band";
    help_volume: "Of the journal." | "Der Zeitschrift.";
    field_issue: "Issue" | "Heft";
    help_issue: "Of the volume." | "Des Bandes.";
    field_pages: "Pages" | "Seiten";
    help_pages: "Such as 1491–1504." | "Etwa 1491–1504.";
    field_publisher: "Publisher" | "Verlag";
    help_publisher: "Who published it." | "Bei wem es erschienen ist.";
    field_keywords: "Keywords" | "Stichwörter";
    help_keywords: "With commas between them." | "Durch Kommas getrennt.";
    field_related: "Related works" | "Verwandte Werke";
    help_related: "One a line: relation, DOI or web address, title. For example: IsSupplementTo 10.1098/rsif.2008.0155" | "Eines je Zeile: Beziehung, DOI oder Adresse, Titel. Zum Beispiel: IsSupplementTo 10.1098/rsif.2008.0155";
    field_funding: "Funding" | "Förderung";
    help_funding: "One a line: funder; number of the grant." | "Eine je Zeile: Förderer; Nummer der Förderung.";
    field_language: "Language" | "Sprache";
    help_language: "Of title and description." | "Von Titel und Beschreibung.";
    fault_quantity: "Give a number greater than zero." | "Geben Sie eine Zahl größer als null an.";
    fault_whole: "Give a whole number." | "Geben Sie eine ganze Zahl an.";
    fault_day: "Give a day such as 2026-11-23." | "Geben Sie einen Tag an, etwa 2026-11-23.";
    fault_voxel: "Give one length in micrometres, or three: z y x." | "Geben Sie eine Länge in Mikrometern an, oder drei: z y x.";
    fault_choice: "Choose one of the list." | "Wählen Sie aus der Liste.";
    fault_related: "Give a DOI or an address that starts with https://." | "Geben Sie eine DOI an oder eine Adresse, die mit https:// beginnt.";
}
