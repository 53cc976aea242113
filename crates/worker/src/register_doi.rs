//! Makes the registrar say what the record says, about each of its DOIs: one for all versions and one for each. What it says
//! already is not told again. A refusal is a visible fact, never silence.

use crate::Worker;
use archive::{
    labour::Trouble,
    ledger::{Compared, Outcome},
};
use exchange::{DoiDocument, Place, RegistrarFault};
use record::{doi::Doi, id::RecordId, job::Failure};

const NOTHING_IS_LOST: &str = "The DOI's name is reserved and leads here; nothing is lost.";

pub(crate) async fn register_doi(worker: &Worker, id: &RecordId) -> Result<(), Trouble> {
    let archive = worker.archive();
    let lines = archive.ledger_lines(id).await?;
    let mut trouble = None;
    for document in documents_of(worker, id).await? {
        if lines.iter().any(|line| line.doi == document.doi && line.says(&document.digest())) {
            continue;
        }
        let told = worker.inner.registrar.tell(&document, archive.now()).await;
        let outcome = match &told {
            Ok(differences) => Outcome::Taken { digest: document.digest(), differences: differences.clone() },
            Err(fault) if fault.retry => Outcome::Unanswered { says: fault.says.clone() },
            Err(fault) => Outcome::Refused { says: fault.says.clone() },
        };
        archive.report_told(id, &document.doi, outcome).await?;
        archive.report_registrar(told.as_ref().err().filter(|fault| fault.is_closed).map(|fault| fault.says.as_str())).await?;
        if let Err(fault) = told {
            // The others may be taken, but not while the registrar is silent.
            let may_pass = fault.retry;
            trouble = Some(worse(trouble, trouble_of(fault)));
            if may_pass {
                break;
            }
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// A name of our kind that belongs to no record: hidden, or deleted where it is a draft.
pub(crate) async fn retire_doi(worker: &Worker, doi: &Doi) -> Result<(), Trouble> {
    let archive = worker.archive();
    worker.inner.registrar.retire(doi, archive.now()).await.map_err(trouble_of)?;
    Ok(archive.report_retired(doi).await?)
}

/// What the registrar should say of a record's DOIs.
pub(crate) async fn documents_of(worker: &Worker, id: &RecordId) -> Result<Vec<DoiDocument>, Trouble> {
    let archive = worker.archive();
    let settings = archive.settings();
    let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
    let described = archive.descriptions_for_registrar(id).await?;
    Ok(described.iter().filter_map(|record| DoiDocument::of(record, &place, archive.now())).collect())
}

/// In what the registrar differs about one of them; it is asked anew.
pub(crate) async fn look_at(worker: &Worker, id: &RecordId, document: &DoiDocument) -> Result<Compared, Trouble> {
    let seen = worker.inner.registrar.seen(&document.doi, worker.archive().now()).await.map_err(trouble_of)?;
    let differences = seen.map_or_else(|| vec![record::ledger::Difference::Missing], |seen| document.differences(&seen));
    Ok(Compared { doi: document.doi.clone(), record: Some(id.clone()), differences })
}

pub(crate) fn trouble_of(fault: RegistrarFault) -> Trouble {
    let failure = Failure::new(fault.to_string(), NOTHING_IS_LOST);
    match (fault.retry, fault.again_in_seconds) {
        (true, Some(seconds)) => Trouble::NotBefore(failure, seconds),
        (true, None) => Trouble::MayPass(failure),
        (false, _) => Trouble::NeedsAPerson(failure),
    }
}

/// As long as anything may pass by itself, the job goes on.
fn worse(before: Option<Trouble>, now: Trouble) -> Trouble {
    match before {
        Some(before @ (Trouble::MayPass(_) | Trouble::NotBefore(..))) => before,
        _ => now,
    }
}
