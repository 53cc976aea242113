//! The words of the site, outside the deposit pages: name, English, German.

use super::{
    deposit::{DEPOSIT_ENGLISH, DEPOSIT_GERMAN, DepositWords},
    dois::{DOI_ENGLISH, DOI_GERMAN, DoiWords},
};
use std::ops::Deref;

/// The words of the deposit pages read like the others.
impl Deref for Words {
    type Target = DepositWords;
    fn deref(&self) -> &DepositWords {
        self.deposit
    }
}

words! {
    pub(crate) struct Words, ENGLISH, GERMAN;
    [deposit: DepositWords = &DEPOSIT_ENGLISH, &DEPOSIT_GERMAN]
    [dois: DoiWords = &DOI_ENGLISH, &DOI_GERMAN]

    // The frame of every page.
    skip_to_content: "Skip to content" | "Zum Inhalt";
    search: "Search" | "Suchen";
    search_the_catalogue: "Search the catalogue" | "Im Katalog suchen";
    search_placeholder: "Snail, femur, sandstone, a DOI…" | "Schnecke, Knochen, Sandstein, eine DOI…";
    search_placeholder_short: "Search, or paste a DOI" | "Suchen oder DOI einfügen";
    main_navigation: "Main" | "Hauptnavigation";
    browse: "Browse" | "Stöbern";
    upload: "Upload" | "Hochladen";
    language: "Language" | "Sprache";
    my_records: "My records" | "Meine Einträge";
    api_tokens: "API tokens" | "API-Schlüssel";
    profile: "Profile" | "Profil";
    account: "Account" | "Konto";
    administration: "Administration" | "Verwaltung";
    sign_in: "Sign in" | "Anmelden";
    sign_out: "Sign out" | "Abmelden";
    footer_line: "An open catalogue of three-dimensional scientific data, run by the people who measure them." | "Ein offener Katalog dreidimensionaler Forschungsdaten, betrieben von denen, die sie messen.";
    sandbox_line: "DOIs here are for trying out: the registrar is a sandbox." | "DOIs sind hier zum Ausprobieren: die Registrierung ist ein Sandkasten.";
    about: "About" | "Über";
    what_this_is: "What this is" | "Was das ist";
    terms: "Terms" | "Nutzungsbedingungen";
    privacy: "Privacy" | "Datenschutz";
    for_machines: "For machines" | "Für Programme";
    kinds: "Kinds" | "Arten";
    pages: "Pages" | "Seiten";
    previous: "Previous" | "Zurück";
    next: "Next" | "Weiter";
    first_page: "From the start" | "Von vorn";
    cancel: "Cancel" | "Abbrechen";
    save: "Save" | "Speichern";
    saved: "Saved." | "Gespeichert.";
    send: "Send" | "Senden";
    delete: "Delete" | "Löschen";
    remove: "Remove" | "Entfernen";
    copy: "Copy" | "Kopieren";
    choose: "Choose…" | "Wählen…";
    go_on: "Continue" | "Weiter";
    required: "required" | "nötig";
    failed: "failed" | "gescheitert";
    state: "State" | "Stand";
    never: "never" | "nie";
    untitled: "(untitled)" | "(ohne Titel)";
    months: "January February March April May June July August September October November December" | "Januar Februar März April Mai Juni Juli August September Oktober November Dezember";
    one_record: "record" | "Eintrag";
    many_records: "records" | "Einträge";
    one_file: "file" | "Datei";
    many_files: "files" | "Dateien";
    one_minute: "minute" | "Minute";
    many_minutes: "minutes" | "Minuten";

    // Kinds, probes, states, elements, relations.
    kind_biology: "Tomography · biology" | "Tomographie · Biologie";
    kind_materials: "Tomography · materials" | "Tomographie · Materialien";
    kind_microscopy: "Electron microscopy" | "Elektronenmikroskopie";
    kind_publication: "Publication" | "Publikation";
    kind_reference: "Reference" | "Literaturhinweis";
    kind_model: "Model" | "Modell";
    kind_movie: "Movie" | "Film";
    kind_lesson: "Lesson" | "Unterrichtseinheit";
    kind_biology_help: "Volumes of organisms, tissue, fossils, plants." | "Volumen von Organismen, Gewebe, Fossilien, Pflanzen.";
    kind_materials_help: "Volumes of metals, rocks, foams, batteries, composites." | "Volumen von Metallen, Gestein, Schäumen, Batterien, Verbundstoffen.";
    kind_microscopy_help: "Serial sections, tomograms and density maps." | "Serienschnitte, Tomogramme und Dichtekarten.";
    kind_publication_help: "An article, with or without the data behind it." | "Ein Artikel, mit oder ohne die Daten dahinter.";
    kind_reference_help: "A work published elsewhere that records here refer to." | "Ein anderswo erschienenes Werk, auf das Einträge hier verweisen.";
    kind_model_help: "A surface for screen or printer: STL, PLY, OBJ, GLB or 3MF." | "Eine Oberfläche für Bildschirm oder Drucker: STL, PLY, OBJ, GLB oder 3MF.";
    kind_movie_help: "A movie of a specimen or of how it was measured." | "Ein Film von einer Probe oder davon, wie sie gemessen wurde.";
    kind_lesson_help: "Material for teaching: tasks, slides, worksheets." | "Material für den Unterricht: Aufgaben, Folien, Arbeitsblätter.";
    probe_xray: "x-rays" | "Röntgenstrahlung";
    probe_neutron: "neutrons" | "Neutronen";
    probe_electron: "electrons" | "Elektronen";
    state_draft: "draft" | "Entwurf";
    state_registered: "registered" | "registriert";
    state_released: "released" | "freigegeben";
    state_published: "published" | "veröffentlicht";
    state_revising: "draft of a new version" | "Entwurf einer neuen Version";
    newest_version: "newest" | "neueste";
    version_draft: "draft" | "Entwurf";
    older_version: "This is version" | "Das ist Version";
    newest_is: "Newest:" | "Neueste:";
    version_draft_title: "The draft of a new version" | "Der Entwurf einer neuen Version";
    version_draft_text: "Only the people who work on this record see it. Until it is released, everyone sees the version before." | "Nur die, die an diesem Eintrag arbeiten, sehen ihn. Bis er freigegeben wird, sehen alle die Version davor.";
    what_changed: "What changed since version" | "Was sich geändert hat seit Version";
    changed_fields: "Words" | "Angaben";
    changed_files: "Files" | "Dateien";
    file_came: "added" | "hinzugefügt";
    file_went: "removed" | "entfernt";
    file_changed: "changed" | "geändert";
    and_more_files: "and more" | "und weitere";
    nothing_changed: "Nothing changed." | "Nichts hat sich geändert.";
    happened_version_begun: "New version begun" | "Neue Version begonnen";
    happened_version_discarded: "Draft of the new version deleted" | "Entwurf der neuen Version gelöscht";
    state_withdrawn: "withdrawn" | "zurückgezogen";
    synthetic: "synthetic" | "synthetisch";
    synthetic_notice: "A computer made these data; nothing was measured." | "Diese Daten hat ein Computer erzeugt; gemessen wurde nichts.";
    files_closed: "files closed" | "Dateien geschlossen";
    element_uint8: "8-bit unsigned integer" | "8-Bit-Ganzzahl ohne Vorzeichen";
    element_uint16: "16-bit unsigned integer" | "16-Bit-Ganzzahl ohne Vorzeichen";
    element_uint32: "32-bit unsigned integer" | "32-Bit-Ganzzahl ohne Vorzeichen";
    element_uint64: "64-bit unsigned integer" | "64-Bit-Ganzzahl ohne Vorzeichen";
    element_int8: "8-bit integer" | "8-Bit-Ganzzahl";
    element_int16: "16-bit integer" | "16-Bit-Ganzzahl";
    element_int32: "32-bit integer" | "32-Bit-Ganzzahl";
    element_int64: "64-bit integer" | "64-Bit-Ganzzahl";
    element_float32: "32-bit floating point" | "32-Bit-Gleitkommazahl";
    element_float64: "64-bit floating point" | "64-Bit-Gleitkommazahl";

    // Home.
    home_title: "Look inside" | "Hineinsehen";
    home_heading: "Look inside things, without opening them." | "In Dinge hineinsehen, ohne sie zu öffnen.";
    home_lead: "Shells, bones, rocks and foams, measured in three dimensions and free to explore, download and cite." | "Schalen, Knochen, Gestein und Schäume, dreidimensional gemessen und frei zu erkunden, herunterzuladen und zu zitieren.";
    latest_datasets: "Latest" | "Neu im Katalog";
    all_records: "All records" | "Alle Einträge";
    home_empty_title: "Nothing here yet" | "Noch nichts da";
    home_empty: "The first dataset could be yours." | "Der erste Datensatz könnte Ihrer sein.";
    home_about_1: "Science 3D keeps volumes from x-ray and neutron tomography and from electron microscopy as they were measured, gives each of them a DOI, and turns them into something anyone can look at in a browser." | "Science 3D bewahrt Volumen aus Röntgen- und Neutronentomographie und aus der Elektronenmikroskopie so auf, wie sie gemessen wurden, gibt jedem eine DOI und macht daraus etwas, das alle im Browser ansehen können.";
    home_about_2: "Every picture here can be traced to the original files, their checksums and the program that made it. Data are free to reuse under the licence named on each page." | "Jedes Bild lässt sich auf die Originaldateien, ihre Prüfsummen und das Programm zurückführen, das es gemacht hat. Die Daten sind unter der Lizenz frei nutzbar, die auf jeder Seite steht.";
    home_about_link: "More about it, and the terms" | "Mehr darüber und die Bedingungen";
    number_records: "records" | "Einträge";
    number_volumes: "volumes to look at" | "Volumen zum Ansehen";
    number_facilities: "facilities" | "Einrichtungen";
    upload_your_own: "Upload your own" | "Eigene Daten hochladen";

    // Search.
    filters: "Filters" | "Filter";
    facet_kind: "Kind" | "Art";
    facet_subject: "Organism or material" | "Organismus oder Material";
    facet_volume: "Volume" | "Volumen";
    facet_volume_yes: "to look at" | "zum Ansehen";
    facet_open: "open to everyone" | "für alle offen";
    sort: "Sort" | "Ordnung";
    sort_best: "best match" | "beste Treffer";
    sort_newest: "newest" | "neueste";
    remove_filter: "Remove filter" | "Filter entfernen:";
    nothing_found: "Nothing found" | "Nichts gefunden";
    nothing_found_hint: "Try fewer words, remove a filter, or paste a DOI." | "Versuchen Sie weniger Wörter, entfernen Sie einen Filter oder fügen Sie eine DOI ein.";

    // Entry page.
    version: "Version" | "Version";
    versions: "Versions" | "Versionen";
    edit: "Edit" | "Bearbeiten";
    team: "Team" | "Team";
    open_in_viewer: "Open in the viewer" | "Im Betrachter öffnen";
    alt_hero: "the body in the light, drawn from its voxels" | "der Körper im Licht, aus seinen Voxeln gezeichnet";
    alt_model: "the body in the light" | "der Körper im Licht";
    alt_slice: "Middle slice" | "Schnitt durch die Mitte";
    all_people: "All authors" | "Alle Autorinnen und Autoren";
    about_people: "Where they work and what they did" | "Wo sie arbeiten und was sie taten";
    search_numbers: "Search by numbers" | "Nach Zahlen suchen";
    search_numbers_help: "Write the name of a number, a colon, and from where to where:" | "Schreiben Sie den Namen einer Zahl, einen Doppelpunkt und von wo bis wo:";
    what_it_is: "What it is" | "Was es ist";
    acquisition: "Acquisition" | "Aufnahme";
    published_in: "Published in" | "Erschienen in";
    files: "Files" | "Dateien";
    all_files: "all files" | "alle Dateien";
    folder: "Folder" | "Ordner";
    file_name: "Name" | "Name";
    file_size: "Size" | "Größe";
    no_files: "This record holds no files." | "Dieser Eintrag enthält keine Dateien.";
    download_all: "Download all" | "Alles herunterladen";
    derived_title: "Derived from it" | "Daraus gemacht";
    model: "Surface" | "Oberfläche";
    open_model: "Turn the surface" | "Oberfläche drehen";
    model_needs_script: "Turning the surface needs JavaScript. The files below open in programs for surfaces; of GLB files take the one called plain." | "Zum Drehen der Oberfläche braucht es JavaScript. Die Dateien unten öffnen Programme für Oberflächen; von den GLB-Dateien nehmen Sie die mit plain im Namen.";
    model_help: "Drag to turn, pinch or use the wheel to come closer; on the keyboard use the arrow keys, plus and minus." | "Ziehen dreht; zwei Finger oder das Rad holen näher; auf der Tastatur: Pfeiltasten, Plus und Minus.";
    model_download: "Take it with you" | "Mitnehmen";
    model_triangles: "Triangles" | "Dreiecke";
    model_size: "Size (x, y, z)" | "Größe (x, y, z)";
    model_volume: "Enclosed volume" | "Umschlossenes Volumen";
    model_area: "Surface area" | "Fläche";
    model_level: "Grey value of the surface" | "Grauwert der Oberfläche";
    model_deviation: "Greatest deviation from the full surface" | "Größte Abweichung von der vollen Oberfläche";
    print_queue: "Prints" | "Drucke";
    model_measures: "Measures" | "Maße";
    model_measure: "Measure a distance" | "Abstand messen";
    model_pick: "Click on two places of the surface." | "Klicken Sie zwei Stellen der Oberfläche an.";
    model_failed: "The surface could not be loaded. The files below are there all the same." | "Die Oberfläche ließ sich nicht laden. Die Dateien unten sind trotzdem da.";
    model_kit: "Everything for a 3D printer" | "Alles für den 3D-Drucker";
    model_kit_help: "In true scale and in a size for the classroom, with a report, the licence and how to cite." | "In wahrer Größe und in einer Größe für den Unterricht, mit Bericht, Lizenz und Zitierhinweis.";
    model_kit_forbidden: "The licence of this record allows no changed copies; therefore there is no kit for a printer: nothing in another size, on a base or in halves. The files below are the surface itself, in its true size." | "Die Lizenz dieses Eintrags erlaubt keine veränderten Kopien; darum gibt es kein Paket für den Drucker: nichts in anderer Größe, auf einem Sockel oder in Hälften. Die Dateien unten sind die Oberfläche selbst, in wahrer Größe.";
    model_voxels: "The volume does not say how large a voxel is; lengths are in voxels." | "Das Volumen sagt nicht, wie groß ein Voxel ist; Längen sind in Voxeln.";
    movie: "Movie" | "Film";
    movie_about: "turned once around, drawn from its voxels" | "einmal herumgedreht, aus seinen Voxeln gezeichnet";
    movie_slices: "slice by slice from bottom to top" | "Schnitt für Schnitt von unten nach oben";
    movie_take_original: "Download the file as it was uploaded" | "Datei herunterladen, wie sie hochgeladen wurde";
    movie_nowhere: "Browsers do not play this movie." | "Browser spielen diesen Film nicht.";
    movie_copy: "A copy for browsers" | "Eine Kopie für Browser";
    movie_take: "Download the movie" | "Film herunterladen";
    movie_not_played: "This browser plays no movies; the file can be downloaded." | "Dieser Browser spielt keine Filme; die Datei lässt sich herunterladen.";
    pictures: "Pictures" | "Bilder";
    how_made: "How it was made" | "Wie es gemacht wurde";
    recipe_step: "Step" | "Schritt";
    recipe_program: "Program" | "Programm";
    recipe_inputs: "Inputs" | "Eingaben";
    recipe_sum: "SHA-256 of the list of inputs" | "SHA-256 der Liste der Eingaben";
    recipe_parameters: "Parameters" | "Parameter";
    recipe_made: "Made" | "Gemacht";
    noticed: "Noticed in the files" | "An den Dateien aufgefallen";
    level: "level" | "Auflösungsstufe";
    levels: "levels" | "Auflösungsstufen";
    about_this_record: "About this record" | "Über diesen Eintrag";
    look_and_take: "Look and take" | "Ansehen und mitnehmen";
    how_to_cite: "How to cite" | "So zitieren";
    usage: "Used" | "Genutzt";
    usage_views: "Views" | "Aufrufe";
    usage_downloads: "Downloads" | "Downloads";
    and_by_scripts: "and by scripts" | "und von Skripten";
    usage_how: "How this is counted" | "So wird gezählt";
    usage_method: "After the COUNTER code of practice: people and scripts apart, robots not at all, the same thing again within 30 seconds once. No cookies; addresses are not kept." | "Nach dem COUNTER-Regelwerk: Menschen und Skripte getrennt, Roboter gar nicht, dasselbe binnen 30 Sekunden einmal. Ohne Cookies; Adressen werden nicht aufbewahrt.";
    in_other_styles: "In other styles" | "In anderen Zitierstilen";
    for_programs: "For programs" | "Für Programme";
    cite_text: "Text" | "Text";
    related: "Related" | "Verwandtes";
    history: "History" | "Verlauf";
    closed_title: "The files are closed" | "Die Dateien sind geschlossen";
    closed_text: "The owners have given this dataset its DOI and have not opened the files yet. You can cite it now." | "Die Besitzer haben dem Datensatz seine DOI gegeben und die Dateien noch nicht geöffnet. Zitieren können Sie ihn schon.";
    closed_until: "The files are closed until" | "Die Dateien sind geschlossen bis";
    closed_until_text: "The owners have given this dataset its DOI and will open the files on that day. You can cite it now." | "Die Besitzer haben dem Datensatz seine DOI gegeben und öffnen die Dateien an diesem Tag. Zitieren können Sie ihn schon.";
    draft_title: "This is a draft" | "Das ist ein Entwurf";
    draft_text: "Only the people who work on it can see it." | "Nur wer daran arbeitet, kann ihn sehen.";
    withdrawn_title: "This record was withdrawn" | "Dieser Eintrag wurde zurückgezogen";
    withdrawn_text: "Its files and description are no longer available. The DOI stays and leads here." | "Dateien und Beschreibung sind nicht mehr verfügbar. Die DOI bleibt und führt hierher.";
    withdrawn_reason: "Reason, seen by the team only:" | "Grund, nur für das Team sichtbar:";
    withdrawn_on: "Withdrawn" | "Zurückgezogen";
    public_since: "Public since" | "Öffentlich seit";
    you_own: "You own this record." | "Das ist Ihr Eintrag.";
    you_collaborate: "You may read this record." | "Sie dürfen diesen Eintrag lesen.";
    you_curate: "You look after this catalogue." | "Sie betreuen diesen Katalog.";
    fact_voxel_size: "Voxel size (z, y, x)" | "Voxelgröße (z, y, x)";
    fact_shape: "Voxels (z, y, x)" | "Voxel (z, y, x)";
    fact_extent: "Extent (z, y, x)" | "Ausdehnung (z, y, x)";
    fact_element: "Element type" | "Zahlentyp";
    fact_format: "Format" | "Format";
    back_to_record: "Back to the record" | "Zurück zum Eintrag";
    viewer_needs_script: "The viewer needs JavaScript. The pictures show the middle of the volume." | "Der Betrachter braucht JavaScript. Die Bilder zeigen die Mitte des Volumens.";
    follow_releases: "Follow new releases" | "Neuen Freigaben folgen";
    follow_changes: "Follow changes by feed" | "Änderungen als Feed verfolgen";
    happened_created: "created" | "angelegt";
    happened_metadata: "description changed" | "Beschreibung geändert";
    happened_team: "team changed" | "Team geändert";
    happened_file_added: "file added" | "Datei hinzugefügt";
    happened_file_removed: "file removed" | "Datei entfernt";
    feed_registered: "Registered" | "Registriert";
    feed_published: "Published" | "Veröffentlicht";
    feed_opened: "Files opened" | "Dateien geöffnet";
    feed_new_version: "New version" | "Neue Version";
    feed_changed: "Changed" | "Geändert";
    feed_withdrawn: "Withdrawn" | "Zurückgezogen";
    feed_open: "open files" | "offene Dateien";
    happened_registered: "registered" | "registriert";
    happened_scheduled: "will be released" | "Freigabe geplant";
    happened_unscheduled: "release date removed" | "Freigabedatum entfernt";
    happened_released: "released" | "freigegeben";
    happened_published: "published" | "veröffentlicht";
    happened_withdrawn: "withdrawn" | "zurückgezogen";
    happened_derived: "made" | "gemacht";
    happened_picture: "Look and view of the picture chosen" | "Aussehen und Ansicht des Bildes gewählt";
    happened_surface: "Grey values of the surface chosen" | "Grauwerte der Oberfläche gewählt";
    happened_doi_accepted: "the registrar took the DOI" | "die DOI wurde registriert";
    happened_doi_refused: "the registrar refused the DOI" | "die DOI wurde abgelehnt";
    happened_preserved: "laid down in the store" | "im Speicher abgelegt";

    // Team.
    team_lead: "Owners change, release and withdraw. Collaborators read everything, also while it is closed." | "Besitzer ändern, geben frei und ziehen zurück. Mitwirkende lesen alles, auch solange es geschlossen ist.";
    invite: "Invite" | "Einladen";
    role: "Role" | "Rolle";
    role_owner: "owner" | "Besitzer";
    role_collaborator: "collaborator" | "mitwirkend";
    review_title: "Reviewer link" | "Gutachter-Link";
    review_help: "Whoever has the link sees the files of the registered record without an account, for half a year." | "Wer den Link hat, sieht ein halbes Jahr lang die Dateien des registrierten Eintrags ohne Konto.";
    make_review_link: "Make a link" | "Link erzeugen";
    shown_once: "It is shown only now." | "Nur jetzt wird er angezeigt.";

    // Account.
    email: "E-mail" | "E-Mail";
    password: "Password" | "Passwort";
    new_password: "New password" | "Neues Passwort";
    present_password: "Present password" | "Bisheriges Passwort";
    present_password_help: "Leave it empty if you never set one." | "Leer lassen, wenn Sie noch keines gesetzt haben.";
    password_help: "At least ten letters; a sentence is good." | "Mindestens zehn Zeichen; ein Satz ist gut.";
    password_changed: "The new password is set." | "Das neue Passwort gilt.";
    forgot_password: "Forgot the password?" | "Passwort vergessen?";
    forgot_help: "We send you a link with which you can set a new one." | "Wir schicken Ihnen einen Link, mit dem Sie ein neues setzen können.";
    send_link: "Send the link" | "Link schicken";
    link_sent: "If there is an account with this address, a link is on its way." | "Wenn es ein Konto mit dieser Adresse gibt, ist ein Link unterwegs.";
    link_works_once: "This link works once." | "Dieser Link gilt einmal.";
    make_account: "Make an account" | "Konto anlegen";
    have_account: "I have an account" | "Ich habe ein Konto";
    sign_up_closed: "Accounts are made by the administrators here." | "Konten legt hier die Verwaltung an.";
    your_name: "Name" | "Name";
    your_name_help: "Family, Given: as it shall stand in author lists." | "Nachname, Vorname: wie er in Autorenlisten stehen soll.";
    wrong_password: "E-mail address and password do not match." | "E-Mail-Adresse und Passwort passen nicht zusammen.";
    too_many_attempts: "Too many attempts. Try again in" | "Zu viele Versuche. Versuchen Sie es wieder in";
    no_records_title: "No records yet" | "Noch keine Einträge";
    no_records: "What you upload and what others share with you appears here." | "Hier erscheint, was Sie hochladen und was andere mit Ihnen teilen.";
    changed: "Changed" | "Geändert";
    rank: "Rank" | "Rang";
    rank_depositor: "depositor" | "hinterlegt Daten";
    rank_curator: "curator" | "Kuratorin oder Kurator";
    rank_administrator: "administrator" | "Verwaltung";
    tokens_lead: "A token lets a program act for you: the command line, a script, a beamline computer." | "Mit einem Schlüssel handelt ein Programm für Sie: die Kommandozeile, ein Skript, ein Messrechner.";
    new_token: "New token" | "Neuer Schlüssel";
    make_token: "Make the token" | "Schlüssel erzeugen";
    token_name: "Name" | "Name";
    token_name_help: "For example the computer that will use it." | "Zum Beispiel der Rechner, der ihn benutzt.";
    token_scope: "May" | "Darf";
    token_days: "Days it lives" | "Gültig für Tage";
    token_expires: "Expires" | "Gültig bis";
    token_used: "Last used" | "Zuletzt benutzt";
    scope_read: "read" | "lesen";
    scope_deposit: "deposit and register" | "hinterlegen und registrieren";
    scope_release: "release and withdraw" | "freigeben und zurückziehen";
    revoke: "Revoke" | "Widerrufen";

    // Organisms.
    accepted_name: "Accepted name" | "Gültiger Name";
    common_name: "Common name" | "Gebräuchlicher Name";
    taxon_lineage: "Belongs to" | "Gehört zu";

    // Administration.
    jobs: "Labour" | "Arbeiten";
    no_jobs: "Nothing waits and nothing failed." | "Nichts wartet, nichts ist gescheitert.";
    job_name: "What" | "Was";
    record_word: "Record" | "Eintrag";
    attempts: "Attempts" | "Versuche";
    next_attempt: "Next" | "Nächster";
    outbox: "Outbox" | "Postausgang";
    outbox_help: "Mails that were written here because no mail server is configured." | "E-Mails, die hier liegen, weil kein Mailserver eingerichtet ist.";
    accounts: "Accounts" | "Konten";
    made_on: "Since" | "Seit";

    // The interface's page.
    operations: "Operations" | "Operationen";
    api_lead: "Everything the pages do, for programs. The whole description is at" | "Alles, was die Seiten können, für Programme. Die ganze Beschreibung steht unter";
    api_tokens_line: "Programs identify themselves with one of your" | "Programme weisen sich aus mit einem Ihrer";
    api_problems_line: "Refusals are problem documents (RFC 9457):" | "Ablehnungen sind Problemdokumente (RFC 9457):";
    problems_title: "Problems and what they mean" | "Probleme und was sie bedeuten";
    problems_lead: "The last part of a problem's type, and what it means." | "Der letzte Teil der Art eines Problems und was er bedeutet.";
    problem_offset: "The upload stands elsewhere than the program thought; ask where, and continue there." | "Die Übertragung steht woanders, als das Programm dachte; fragen Sie, wo, und machen Sie dort weiter.";
    problem_busy: "Somebody else is writing to this upload right now." | "Jemand anderes schreibt gerade in diese Übertragung.";
    parameter: "Name" | "Name";
    parameters: "Parameters" | "Parameter";
    place: "Where" | "Wo";
    meaning: "Meaning" | "Bedeutung";
    request_body: "Body" | "Inhalt";
    answers: "Answers" | "Antworten";

    // Refusals.
    refused_not_found: "Nothing here" | "Hier ist nichts";
    refused_sign_in: "Please sign in" | "Bitte melden Sie sich an";
    refused_forbidden: "This is not open to you" | "Das steht Ihnen nicht offen";
    refused_invalid: "That could not be understood" | "Das war nicht zu verstehen";
    refused_not_ready: "Something is still missing" | "Es fehlt noch etwas";
    refused_conflict: "That does not fit the present state" | "Das passt nicht zum jetzigen Stand";
    refused_exists: "A file of this name is here already" | "Eine Datei dieses Namens ist schon da";
    refused_too_large: "Too large" | "Zu groß";
    refused_too_many: "Too many attempts" | "Zu viele Versuche";
    refused_expired: "The link is used or too old" | "Der Link ist benutzt oder zu alt";
    refused_unavailable: "Not possible right now" | "Gerade nicht möglich";
    detail_not_found: "There is nothing at this address that you may see." | "An dieser Adresse ist nichts, das Sie sehen dürfen.";
    detail_sign_in: "Please sign in first; then you go on here." | "Bitte melden Sie sich zuerst an; dann geht es hier weiter.";
    detail_wrong_state: "That does not fit the state of this record. It is" | "Das passt nicht zum Stand dieses Eintrags. Er ist";
    detail_exists: "The record has such a file already:" | "Der Eintrag hat schon eine solche Datei:";
    detail_too_many: "There were too many attempts. Try again in" | "Das waren zu viele Versuche. Versuchen Sie es wieder in";
    detail_offset: "The upload continues at byte" | "Die Übertragung geht weiter bei Byte";
    detail_busy: "Somebody else is writing to this upload right now." | "An dieser Übertragung schreibt gerade jemand anderes.";
    detail_withdrawn: "This record has been withdrawn." | "Dieser Eintrag wurde zurückgezogen.";
    detail_expired: "Ask for a new link." | "Bitten Sie um einen neuen Link.";
    detail_unavailable: "The archive cannot do this right now. Nothing is lost; try again in a minute." | "Das geht gerade nicht. Nichts ist verloren; versuchen Sie es in einer Minute wieder.";
    hint_sign_in: "Sign in, or send a token: Authorization: Bearer s3d_…" | "Melden Sie sich an oder senden Sie einen Schlüssel: Authorization: Bearer s3d_…";
    hint_not_found: "Check the address, search the catalogue, or sign in if it is yours." | "Prüfen Sie die Adresse, suchen Sie im Katalog, oder melden Sie sich an, wenn es Ihres ist.";
    hint_exists: "Send it with “replace” if it shall take the place of the present one." | "Senden Sie sie mit „replace“, wenn sie die vorhandene ersetzen soll.";
    hint_withdrawn: "Its entry page says since when." | "Auf seiner Seite steht, seit wann.";
    hint_too_large: "Send less at once, or ask the operator to raise the limit." | "Senden Sie weniger auf einmal oder bitten Sie den Betreiber, die Grenze anzuheben.";
    to_home: "To the front page" | "Zur Startseite";
    back_to_draft: "Back to the draft" | "Zurück zum Entwurf";
}
