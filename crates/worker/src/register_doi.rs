//! Tells the registrar about a DOI whose name the record has already. A refusal is a visible fact, never silence.

use crate::Worker;
use archive::labour::Trouble;
use exchange::{DoiDocument, Place};
use record::{id::RecordId, job::Failure};

pub(crate) async fn register_doi(worker: &Worker, id: &RecordId) -> Result<(), Trouble> {
    let Some(record) = worker.archive().record_for_labour(id).await? else { return Ok(()) };
    let settings = worker.archive().settings();
    let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
    let Some(document) = DoiDocument::of(&record, &place, worker.archive().now()) else { return Ok(()) };
    match worker.inner.registrar.tell(&document).await {
        Ok(()) => Ok(worker.archive().report_doi(id, None).await?),
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
