//! The words about publications: by DOI, harvested, tied to datasets.

use super::question::{QUESTION_ENGLISH, QUESTION_GERMAN, QuestionWords};
use std::ops::Deref;

/// The words about open questions read like the others.
impl Deref for PublicationWords {
    type Target = QuestionWords;
    fn deref(&self) -> &QuestionWords {
        self.question
    }
}

words! {
    pub(crate) struct PublicationWords, PUBLICATION_ENGLISH, PUBLICATION_GERMAN;
    [question: QuestionWords = &QUESTION_ENGLISH, &QUESTION_GERMAN]

    from_doi: "A publication from its DOI" | "Eine Publikation aus ihrer DOI";
    from_doi_help: "Paste the DOI. Crossref and DataCite tell title, authors and journal; you look it through, and nobody sees it before you publish it." | "Fügen Sie die DOI ein. Crossref und DataCite nennen Titel, Autoren und Zeitschrift; Sie sehen alles durch, und niemand sonst sieht es, bevor Sie es veröffentlichen.";
    fill_in: "Fill in" | "Ausfüllen";
    fill_by_hand: "Fill in by hand" | "Von Hand ausfüllen";
    fill_from_doi: "Fill empty fields from the DOI" | "Leere Felder aus der DOI füllen";
    fill_needs_doi: "Give the DOI first." | "Geben Sie zuerst die DOI an.";
    publication_is_here: "This publication is here already:" | "Diese Publikation ist schon hier:";

    is_it_yours: "Is this your paper?" | "Ist das Ihre Publikation?";
    is_it_yours_help: "“Yes” ties publication and dataset on both pages. “No” is remembered." | "„Ja“ verbindet Publikation und Datensatz auf beiden Seiten. Ein „Nein“ merken wir uns.";
    tie_yes: "Yes, it belongs to it" | "Ja, sie gehört dazu";
    tie_no: "No" | "Nein";
    tie_cites: "It cites your dataset" | "Sie zitiert Ihren Datensatz";
    tie_named: "Your dataset names it:" | "Ihr Datensatz nennt sie:";
    tie_alike: "It shares authors ({authors}) and words ({words}) with your dataset" | "Sie hat Autoren ({authors}) und Wörter ({words}) gemeinsam mit Ihrem Datensatz";
    cited_by: "Cited by" | "Zitiert von";
    happened_publication_found: "a publication that may belong to it was found" | "eine Publikation gefunden, die dazugehören könnte";
    happened_publication_declined: "a publication was said not to belong to it" | "von einer Publikation gesagt, dass sie nicht dazugehört";

    closed_until_paper: "The files open when the paper is out, at the latest on" | "Die Dateien öffnen sich, wenn die Publikation erschienen ist, spätestens am";
    closed_until_paper_text: "The owners have given this dataset its DOI. You can cite it now." | "Die Besitzer haben dem Datensatz seine DOI gegeben. Zitieren können Sie ihn schon.";
    when_paper_is_out: "Open earlier, when the paper is out" | "Früher öffnen, wenn die Publikation erschienen ist";
    when_paper_is_out_help: "The files open as soon as you have confirmed the publication and a harvest has seen it with its DOI. The date above stands behind it." | "Die Dateien öffnen sich, sobald Sie die Publikation bestätigt haben und eine Ernte sie mit ihrer DOI gesehen hat. Das Datum oben steht dahinter.";

    harvest: "Harvest" | "Ernte";
    harvest_lead: "Publications come from these databases by themselves. They belong to" | "Aus diesen Datenbanken kommen Publikationen von selbst. Sie gehören";
    harvest_none: "No publication database is configured. The setting publications.sources names the file that lists them." | "Keine Publikationsdatenbank ist eingerichtet. Die Einstellung publications.sources nennt die Datei, in der sie stehen.";
    harvest_late: "late" | "verspätet";
    harvest_failure: "The last attempt failed" | "Der letzte Versuch ist gescheitert";
    harvest_address: "Address" | "Adresse";
    harvest_what: "Format and set" | "Format und Menge";
    harvest_appears: "Publications appear" | "Publikationen erscheinen";
    harvest_at_once: "at once" | "sofort";
    harvest_after_review: "when a curator publishes them" | "wenn eine Kuratorin oder ein Kurator sie veröffentlicht";
    harvest_last_success: "Last success" | "Letzter Erfolg";
    harvest_next: "Next time" | "Nächstes Mal";
    harvest_lag: "Lag" | "Rückstand";
    harvest_going_on: "Going on" | "Im Gang";
    harvest_counts: "Records" | "Einträge";
    harvest_last: "last time" | "zuletzt";
    harvest_total: "in all" | "insgesamt";
    harvest_seen: "seen" | "gesehen";
    harvest_added: "added" | "hinzugekommen";
    harvest_changed: "changed" | "geändert";
    harvest_known: "known already" | "schon bekannt";
    harvest_deleted: "deleted there" | "dort gelöscht";
    harvest_unusable: "not usable" | "nicht brauchbar";
    harvest_unusable_list: "What was not usable, and why" | "Was nicht brauchbar war, und warum";
    harvest_now: "Harvest now" | "Jetzt ernten";
    hours: "hours" | "Stunden";
    job_harvest: "Harvesting publications" | "Publikationen ernten";
    job_tell_followers: "Writing to followers" | "Nachrichten an Folgende";
    job_find_ties: "Looking for related publications" | "Zugehörige Publikationen suchen";
}
