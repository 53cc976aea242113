//! Fields that every kind has: what it is, who made it, what it belongs to.

use super::{
    Asked::{Datasets, Everyone, Texts},
    Field, Shape,
    Theme::{About, Connections, People},
    filled, parts,
};
use crate::{kind::Kind, term::Bilingual};

const DATASETS: &[Kind] =
    &[Kind::TomographyBiology, Kind::TomographyMaterials, Kind::ElectronMicroscopy, Kind::Model, Kind::Movie, Kind::Lesson];

pub(super) const FIRST: &[Field] = &[
    Field::new("title", "/title", Shape::Line, Everyone, About)
        .label("Title", "Titel")
        .help(
            "What it is, as you would say it to a colleague from another field.",
            "Was es ist, so wie Sie es jemandem aus einem anderen Fach sagen würden.",
        )
        .example("Jaw of a caecilian")
        .elsewhere("titles/title", "NXentry/title", "name")
        .needed(&Kind::ALL, |said| filled(&said.title), "title-missing", Bilingual::new("Give it a title.", "Geben Sie einen Titel an.")),
    Field::new("creators", "/creators", Shape::Rows(parts::PERSON), Everyone, People)
        .label("Authors", "Autorinnen und Autoren")
        .help(
            "One a line: Family, Given; ORCID; affiliation; ROR; roles. All but the name may be left out. A collaboration stands in [brackets].",
            "Eine Person je Zeile: Nachname, Vorname; ORCID; Einrichtung; ROR; Rollen. Alles außer dem Namen kann fehlen. Eine Kollaboration steht in [Klammern].",
        )
        .example("Kleinteich, Thomas; 0000-0002-1825-0097; Kiel University")
        .elsewhere("creators", "NXuser", "creator")
        .needed(
            &Kind::ALL,
            |said| said.creators.iter().any(|person| filled(&person.family)),
            "creators-missing",
            Bilingual::new("Name at least one author.", "Nennen Sie mindestens eine Autorin oder einen Autor."),
        ),
    Field::new("description", "/description", Shape::Text, Everyone, About)
        .label("In plain words", "In einfachen Worten")
        .help("Two or three sentences that a pupil can follow.", "Zwei, drei Sätze, die man in der Schule versteht.")
        .example("The skull of an animal without legs that digs with its head.")
        .elsewhere("descriptions (Abstract)", "NXentry/experiment_description", "description")
        .needed(
            DATASETS,
            |said| filled(&said.description),
            "description-missing",
            Bilingual::new("Say in plain words what it is.", "Sagen Sie in einfachen Worten, was es ist."),
        ),
];

pub(super) const REST: &[Field] = &[
    Field::new("licence", "/licence", Shape::Licence, Everyone, About)
        .label("Licence", "Lizenz")
        .help(
            "What others may do with it: CC-BY-4.0 asks them to name you. Any id of SPDX's list is taken.",
            "Was andere damit tun dürfen: CC-BY-4.0 verlangt, Sie zu nennen. Jede Kennung aus der Liste von SPDX gilt.",
        )
        .example("CC-BY-4.0")
        .elsewhere("rightsList", "", "license")
        .needed(
            DATASETS,
            |said| said.licence.is_some(),
            "licence-missing",
            Bilingual::new("Choose a licence.", "Wählen Sie eine Lizenz."),
        ),
    Field::new("synthetic", "/synthetic", Shape::Check, Datasets, About)
        .label("A computer made these data", "Diese Daten hat ein Computer erzeugt")
        .help(
            "Tick it when nothing was measured; it is shown everywhere.",
            "Ankreuzen, wenn nichts gemessen wurde; es steht dann überall dabei.",
        )
        .example("true")
        .elsewhere("descriptions (TechnicalInfo)", "", "keywords"),
    Field::new("why_it_matters", "/why_it_matters", Shape::Text, Everyone, About)
        .label("Why it matters", "Warum es wichtig ist")
        .help("What somebody learns from it, or what it is good for.", "Was man daraus lernt, oder wozu es gut ist.")
        .example("It shows how a skull becomes a shovel.")
        .elsewhere("descriptions (Other)", "", "abstract"),
    Field::new("background", "/background", Shape::Text, Everyone, About)
        .label("Background for teachers", "Hintergrund für den Unterricht")
        .help("What one has to know to speak about it in class.", "Was man wissen muss, um es im Unterricht zu besprechen.")
        .example("Caecilians are amphibians without legs. They live in the soil of the tropics.")
        .elsewhere("descriptions (Other)", "", "text"),
    Field::new("methods", "/methods", Shape::Text, Everyone, About)
        .label("Methods", "Vorgehen")
        .help("How it was done, for those who want to do it again.", "Wie vorgegangen wurde, für alle, die es wiederholen wollen.")
        .example("The specimen was stained for two weeks and scanned in ethanol.")
        .elsewhere("descriptions (Methods)", "NXentry/NXnote", "measurementMethod"),
    Field::new("keywords", "/keywords", Shape::Words, Everyone, About)
        .label("Keywords", "Stichwörter")
        .help("With commas between them.", "Durch Kommas getrennt.")
        .example("skull, feeding")
        .elsewhere("subjects", "", "keywords"),
    Field::new("subjects", "/subjects", Shape::Rows(parts::SUBJECT), Everyone, About)
        .label("Terms of vocabularies", "Begriffe aus Verzeichnissen")
        .help("One a line: term; name of the vocabulary; address of the term.", "Einer je Zeile: Begriff; Name des Verzeichnisses; Adresse des Begriffs.")
        .example("skull; UBERON; http://purl.obolibrary.org/obo/UBERON_0003129")
        .elsewhere("subjects/subjectScheme, valueURI", "", "keywords"),
    Field::new("titles", "/titles", Shape::Rows(parts::TITLE), Everyone, About)
        .label("Other titles", "Weitere Titel")
        .help(
            "One a line: Subtitle, TranslatedTitle or AlternativeTitle, a colon, the title; a language in brackets at its end.",
            "Einer je Zeile: Subtitle, TranslatedTitle oder AlternativeTitle, ein Doppelpunkt, der Titel; am Ende die Sprache in Klammern.",
        )
        .example("TranslatedTitle: Kiefer einer Blindwühle (de)")
        .elsewhere("titles/titleType", "", "alternateName"),
    Field::new("language", "/language", Shape::Language, Everyone, About)
        .label("Language", "Sprache")
        .help("Of title and description.", "Von Titel und Beschreibung.")
        .example("en")
        .elsewhere("language", "", "inLanguage"),
    Field::new("resource_type", "/resource_type", Shape::Line, Everyone, About)
        .label("What exactly it is", "Was genau es ist")
        .help("In a few words, when the kind says too little.", "In wenigen Worten, wenn die Art zu wenig sagt.")
        .example("segmented volume")
        .elsewhere("resourceType", "", "additionalType"),
    Field::new("contributors", "/contributors", Shape::Rows(parts::CONTRIBUTOR), Everyone, People)
        .label("Others who had part in it", "Weitere Beteiligte")
        .help(
            "One a line: their part in DataCite's words, a colon, then as for authors.",
            "Eine Person je Zeile: ihr Anteil in den Worten von DataCite, ein Doppelpunkt, dann wie bei den Autoren.",
        )
        .example("DataCollector: Haas, Alexander; Universität Hamburg")
        .elsewhere("contributors", "NXuser/role", "contributor"),
    Field::new("related", "/related", Shape::Rows(parts::RELATION), Everyone, Connections)
        .label("Related works", "Verwandte Werke")
        .help(
            "One a line: relation, DOI or web address or the id of a record here, title. For example: IsSupplementTo 10.1098/rsif.2008.0155",
            "Eines je Zeile: Beziehung, DOI oder Adresse oder Kennung eines Eintrags hier, Titel. Zum Beispiel: IsSupplementTo 10.1098/rsif.2008.0155",
        )
        .example("IsSupplementTo 10.1098/rsif.2008.0155 Caecilian jaw-closing mechanics")
        .elsewhere("relatedIdentifiers", "NXcite", "citation"),
    Field::new("funding", "/funding", Shape::Rows(parts::FUNDING), Everyone, Connections)
        .label("Funding", "Förderung")
        .help(
            "One a line: funder; number of the grant; its title; web address; ROR of the funder. All but the funder may be left out.",
            "Eine je Zeile: Förderer; Nummer der Förderung; ihr Titel; Webadresse; ROR des Förderers. Alles außer dem Förderer kann fehlen.",
        )
        .example("Deutsche Forschungsgemeinschaft; HA 2323/10-1")
        .elsewhere("fundingReferences", "", "funding"),
    Field::new("dates", "/dates", Shape::Rows(parts::DATE), Everyone, Connections)
        .label("Other dates", "Weitere Daten")
        .help(
            "One a line: DataCite's word, a date or two with a stroke between, what it is.",
            "Eines je Zeile: DataCites Wort, ein Datum oder zwei mit Schrägstrich, worum es geht.",
        )
        .example("Created 1998-05 specimen fixed")
        .elsewhere("dates", "", "dateCreated"),
    Field::new("identifiers", "/identifiers", Shape::Rows(parts::IDENTIFIER), Everyone, Connections)
        .label("Other identifiers", "Weitere Kennungen")
        .help("One a line: whose name it is, a colon, the name.", "Eine je Zeile: wessen Kennung, ein Doppelpunkt, die Kennung.")
        .example("EMPIAR: EMPIAR-10310")
        .elsewhere("alternateIdentifiers", "NXentry/entry_identifier", "identifier"),
    Field::new("isbn", "/article/isbn", Shape::Line, Texts, super::Theme::Article)
        .label("ISBN", "ISBN")
        .help("Of the book.", "Des Buches.")
        .example("978-3-16-148410-0")
        .elsewhere("relatedItems/relatedItemIdentifier, alternateIdentifiers", "", "isbn"),
];
