//! The words about publications: by DOI, harvested, tied to datasets.

words! {
    pub(crate) struct PublicationWords, PUBLICATION_ENGLISH, PUBLICATION_GERMAN;

    from_doi: "A publication from its DOI" | "Eine Publikation aus ihrer DOI";
    from_doi_help: "Paste the DOI. Crossref and DataCite tell title, authors and journal; you look it through, and nobody sees it before you publish it." | "Fügen Sie die DOI ein. Crossref und DataCite nennen Titel, Autoren und Zeitschrift; Sie sehen alles durch, und niemand sonst sieht es, bevor Sie es veröffentlichen.";
    fill_in: "Fill in" | "Ausfüllen";
    fill_by_hand: "Fill in by hand" | "Von Hand ausfüllen";
    fill_from_doi: "Fill empty fields from the DOI" | "Leere Felder aus der DOI füllen";
    fill_needs_doi: "Give the DOI first." | "Geben Sie zuerst die DOI an.";
    publication_is_here: "This publication is here already:" | "Diese Publikation ist schon hier:";
}
