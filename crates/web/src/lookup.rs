//! What other catalogues know of a DOI, for page and API alike, and in what words a failure is told.

use crate::{door::Door, refusal::Refused, session::Guest};
use archive::{
    Refusal,
    refusal::{hint, said},
};
use exchange::works::LookupFault;
use http::StatusCode;
use record::{Record, doi::Doi, metadata::Metadata};

pub(crate) enum Found {
    /// The publication is here, and this guest may see it.
    Here(Box<Record>),
    Described(Box<Metadata>),
    Nothing(LookupFault),
}

pub(crate) fn read_doi(written: &str) -> Result<Doi, Refusal> {
    // As it stands at the end of a sentence.
    let written = written.trim().trim_end_matches(['.', ',', ';']);
    written.parse::<Doi>().ok().or_else(|| Doi::find(written)).ok_or_else(|| {
        let shown: String = written.chars().take(80).collect();
        Refusal::invalid(
            "doi",
            said("not-a-doi", format!("“{shown}” is no DOI."), format!("„{shown}“ ist keine DOI.")),
            hint("It looks like 10.1098/rsif.2008.0155.", "Sie sieht aus wie 10.1098/rsif.2008.0155."),
        )
    })
}

/// Looks here first: what is here already is not asked for.
pub(crate) async fn find(door: &Door, guest: &Guest, doi: &Doi) -> Result<Found, Refused> {
    if let Some(here) = door.archive.publication_here(&guest.visitor, doi).await? {
        return Ok(Found::Here(Box::new(here)));
    }
    Ok(match door.lookup.find(doi, &door.archive.settings().prefix).await {
        Ok(metadata) => Found::Described(Box::new(metadata)),
        Err(fault) => {
            tracing::info!(%doi, %fault, "a DOI could not be looked up");
            Found::Nothing(fault)
        }
    })
}

pub(crate) fn status_of(fault: &LookupFault) -> StatusCode {
    match fault {
        LookupFault::Unknown(_) => StatusCode::UNPROCESSABLE_ENTITY,
        LookupFault::NotConfigured => StatusCode::SERVICE_UNAVAILABLE,
        LookupFault::Unreachable { .. } => StatusCode::BAD_GATEWAY,
        LookupFault::Busy => StatusCode::TOO_MANY_REQUESTS,
    }
}

pub(crate) fn refusal_of(fault: &LookupFault) -> Refusal {
    let by_hand = hint("Fill in the form by hand; the DOI is kept.", "Füllen Sie das Formular von Hand aus; die DOI bleibt stehen.");
    let again = hint(
        "Try again in a moment, or fill in the form by hand.",
        "Versuchen Sie es gleich noch einmal, oder füllen Sie das Formular von Hand aus.",
    );
    let (what, hint) = match fault {
        LookupFault::Unknown(doi) => (
            said(
                "doi-unknown",
                format!("Neither Crossref nor DataCite knows the DOI {doi}."),
                format!("Weder Crossref noch DataCite kennt die DOI {doi}."),
            ),
            hint(
                "Check it letter by letter; a very new one may take a day. Or fill in the form by hand.",
                "Prüfen Sie sie Zeichen für Zeichen; eine ganz neue braucht manchmal einen Tag. Oder füllen Sie das Formular von Hand aus.",
            ),
        ),
        LookupFault::NotConfigured => {
            (said("lookup-off", "This archive does not ask other catalogues.", "Dieses Archiv fragt keine anderen Kataloge."), by_hand)
        }
        LookupFault::Unreachable { registry, says } => (
            said(
                "registry-unreachable",
                format!("{registry} could not be asked: {says}."),
                format!("{registry} war nicht zu fragen ({says})."),
            ),
            again,
        ),
        LookupFault::Busy => {
            (said("lookup-busy", "Many people are looking up DOIs right now.", "Gerade schlagen viele Leute DOIs nach."), again)
        }
    };
    Refusal::invalid("doi", what, hint)
}
