//! The words about DOIs and their registrar: for owners on their record, for operators on the page of the DOI ledger.

words! {
    pub(crate) struct DoiWords, DOI_ENGLISH, DOI_GERMAN;

    // For owners.
    on_its_way: "The registrar is being told about your DOI. It is valid here already: you can cite it." | "Ihre DOI wird gerade gemeldet. Hier gilt sie schon: Sie können sie zitieren.";
    registered: "Your DOI is registered and leads here." | "Ihre DOI ist registriert und führt hierher.";
    registered_since: "Since" | "Seit";
    sandbox: "This server only tries DOIs out: nobody is told about yours, and it works here alone." | "Dieser Server probiert DOIs nur aus: Ihre wird niemandem gemeldet und gilt nur hier.";
    unanswered: "The registrar is not answering; we keep trying. Your DOI is valid here, and nothing is lost." | "Die Registrierungsstelle antwortet nicht; wir versuchen es weiter. Ihre DOI gilt hier, es geht nichts verloren.";
    unanswered_says: "Last time:" | "Zuletzt:";
    refused: "The registrar refused your DOI. In its words:" | "Die Registrierungsstelle hat Ihre DOI abgelehnt. In deren Worten:";
    refused_what_to_do: "Correct what it names in the record's description; it is told again then. If you cannot see what is wrong, ask the operators of this server. The DOI is valid here meanwhile." | "Berichtigen Sie in der Beschreibung, was dort genannt ist; dann wird neu gemeldet. Wenn Sie keinen Fehler finden, fragen Sie die Betreiber dieses Servers. Hier gilt die DOI solange.";

    // For operators.
    title: "DOIs" | "DOIs";
    lead: "What the registrar was told about each DOI, and where it says something else than the records do." | "Was über jede DOI gemeldet wurde, und wo die Registrierungsstelle etwas anderes sagt als die Einträge.";
    sandbox_lead: "The registrar is a sandbox: nobody is told, so there is nothing to compare." | "Die Registrierung ist ein Sandkasten: Niemand erfährt etwas, also gibt es nichts zu vergleichen.";
    closed: "The registrar does not accept this server's name and password." | "Die Registrierungsstelle nimmt Namen und Kennwort dieses Servers nicht an.";
    closed_what_to_do: "No DOI can be told until the repository and its password are right in the configuration; every quarter of an hour it is tried again, and nothing is lost." | "Bis Repository und Kennwort in der Konfiguration stimmen, kann keine DOI gemeldet werden; jede Viertelstunde wird es wieder versucht, und nichts geht verloren.";
    count_registered: "registered" | "registriert";
    count_waiting: "not told yet" | "noch nicht gemeldet";
    count_unanswered: "not answered" | "ohne Antwort";
    count_refused: "refused" | "abgelehnt";
    count_stranger: "not ours" | "nicht unsere";
    count_differing: "differing" | "abweichend";
    never_compared: "Not compared with the registrar yet. It is done every night." | "Noch nicht mit der Registrierungsstelle verglichen. Das geschieht jede Nacht.";
    compared: "Last compared" | "Zuletzt verglichen";
    comparing: "The comparison goes on; begun" | "Der Vergleich läuft; begonnen";
    looked_at: "DOIs looked at" | "DOIs angesehen";
    compare_now: "Compare now" | "Jetzt vergleichen";
    repair_all: "Repair all" | "Alle reparieren";
    repair_all_help: "Tells the registrar again about every DOI below that belongs to a record here." | "Meldet jede DOI unten, die zu einem Eintrag hier gehört, noch einmal.";
    repair: "Repair" | "Reparieren";
    hide: "Hide at the registrar" | "Dort verbergen";
    asked: "It will be done in a moment; load this page again to see the result." | "Das geschieht gleich; laden Sie die Seite neu, um das Ergebnis zu sehen.";
    troubles: "What needs a look" | "Was zu prüfen ist";
    no_troubles: "Everything that was told is taken, and nothing differs." | "Alles Gemeldete ist angenommen, nichts weicht ab.";
    more_troubles: "There are more; these are the first." | "Es gibt mehr; dies sind die ersten.";
    what: "What" | "Was";
    missing: "The registrar does not know it." | "Die Registrierungsstelle kennt sie nicht.";
    other_address: "It leads to" | "Sie führt zu";
    other_state: "Its state there is" | "Ihr Stand dort ist";
    other_description: "Described otherwise there:" | "Dort anders beschrieben:";
    not_ours: "No record here has it; its state there is" | "Kein Eintrag hier hat sie; ihr Stand dort ist";
}
