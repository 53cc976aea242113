//! Tells the registrar about a DOI whose name the record has already. A refusal is a visible fact, never silence.

use crate::Worker;
use archive::labour::Trouble;
use exchange::{DoiDocument, Place};
use record::{id::RecordId, job::Failure};

pub(crate) async fn register_doi(worker: &Worker, id: &RecordId) -> Result<(), Trouble> {
    let settings = worker.archive().settings();
    let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
    // One for all versions, and one for each.
    let mut told = false;
    for described in worker.archive().descriptions_for_registrar(id).await? {
        if let Some(document) = DoiDocument::of(&described, &place, worker.archive().now()) {
            tell(worker, id, &document).await?;
            told = true;
        }
    }
    if told {
        worker.archive().report_doi(id, None).await?;
    }
    Ok(())
}

async fn tell(worker: &Worker, id: &RecordId, document: &DoiDocument) -> Result<(), Trouble> {
    match worker.inner.registrar.tell(document).await {
        Ok(()) => Ok(()),
        Err(fault) => {
            let failure = Failure::new(fault.to_string(), "The DOI's name is reserved; nothing is lost.");
            if fault.retry {
                return Err(Trouble::MayPass(failure));
            }
            worker.archive().report_doi(id, Some(fault.says)).await?;
            Err(Trouble::NeedsAPerson(failure))
        }
    }
}
