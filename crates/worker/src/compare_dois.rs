//! The nightly comparison of the DOI ledger with the registrar: first what it lists, then what we have and it did not list.
//! Step by step, so that neither a large catalogue nor a registrar that falls silent in the middle costs more than a step.

use crate::{
    Worker,
    register_doi::{documents_of, look_at, trouble_of},
};
use archive::{labour::Trouble, ledger::Compared};
use exchange::{DoiDocument, DoiPage, DoiSeen, registrar::FIRST_CURSOR};
use record::{
    doi::{Doi, Prefix},
    id::RecordId,
    ledger::{Comparison, Difference, DoiState, Step},
};
use std::collections::BTreeMap;

const RECORDS_A_STEP: u32 = 100;

pub(crate) async fn compare_dois(worker: &Worker) -> Result<(), Trouble> {
    let archive = worker.archive();
    if worker.inner.registrar.is_sandbox() {
        return Ok(archive.enqueue_comparison().await?);
    }
    let (mut comparison, mut step) = archive.begin_comparison(FIRST_CURSOR).await?;
    loop {
        let (found, next) = match &step {
            Step::Listed { cursor } => listed(worker, cursor).await?,
            Step::Ours { after } => ours(worker, &comparison, after.as_ref()).await?,
        };
        archive.report_compared(&mut comparison, &found, next.clone()).await?;
        match next {
            Some(next) => step = next,
            None => return Ok(()),
        }
    }
}

async fn listed(worker: &Worker, cursor: &str) -> Result<(Vec<Compared>, Option<Step>), Trouble> {
    let archive = worker.archive();
    let prefix = &archive.settings().prefix;
    let DoiPage { seen, next } = worker.inner.registrar.list(prefix, cursor, archive.now()).await.map_err(trouble_of)?;
    let mut by_record: BTreeMap<RecordId, Vec<DoiSeen>> = BTreeMap::new();
    for seen in seen {
        // Other names below the prefix are not of our making.
        if let Some(id) = record_of(&seen.doi, prefix) {
            by_record.entry(id).or_default().push(seen);
        }
    }
    let mut found = Vec::new();
    for (id, seen) in by_record {
        let documents = documents_of(worker, &id).await?;
        for seen in seen {
            match documents.iter().find(|document| document.doi == seen.doi) {
                // The list may be older than the truth: what it says wrong is asked for once more.
                Some(document) if !document.differences(&seen).is_empty() => found.push(look_at(worker, &id, document).await?),
                Some(document) => found.push(Compared { doi: document.doi.clone(), record: Some(id.clone()), differences: Vec::new() }),
                None => found.extend(stranger(worker, &seen.doi).await?),
            }
        }
    }
    let next = next.map_or(Step::Ours { after: None }, |cursor| Step::Listed { cursor });
    Ok((found, Some(next)))
}

/// Hidden is as far as a name can go that was registered by mistake: then nothing differs any more.
async fn stranger(worker: &Worker, doi: &Doi) -> Result<Option<Compared>, Trouble> {
    let seen = worker.inner.registrar.seen(doi, worker.archive().now()).await.map_err(trouble_of)?;
    Ok(seen.filter(|seen| seen.state != DoiState::Registered.name()).map(|seen| {
        let differences = vec![Difference::NotOurs { state: seen.state }];
        Compared { doi: doi.clone(), record: None, differences }
    }))
}

async fn ours(worker: &Worker, comparison: &Comparison, after: Option<&RecordId>) -> Result<(Vec<Compared>, Option<Step>), Trouble> {
    let archive = worker.archive();
    let records = archive.records_with_doi_after(after, RECORDS_A_STEP).await?;
    let mut found = Vec::new();
    for id in &records {
        let seen = archive.seen_in(comparison, id).await?;
        let documents: Vec<DoiDocument> = documents_of(worker, id).await?;
        for document in documents.iter().filter(|document| !seen.contains(&document.doi)) {
            found.push(look_at(worker, id, document).await?);
        }
    }
    Ok((found, records.last().map(|last| Step::Ours { after: Some(last.clone()) })))
}

/// The record that a name of our kind would belong to.
fn record_of(doi: &Doi, prefix: &Prefix) -> Option<RecordId> {
    let name = doi.as_str().strip_prefix(prefix.as_str())?.strip_prefix("/science3d.")?;
    name.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_our_kind_lead_to_a_record() {
        let prefix = Prefix::parse("10.5072").unwrap();
        let record = |doi: &str| record_of(&doi.parse().unwrap(), &prefix).map(|id| id.to_string());
        assert_eq!(record("10.5072/science3d.7h3k9x2q4").as_deref(), Some("7h3k9x2q4"));
        assert_eq!(record("10.5072/science3d.7h3k9x2q4.v2").as_deref(), Some("7h3k9x2q4"));
        for other in ["10.5072/zenodo.12", "10.50721/science3d.7h3k9x2q4", "10.5072/science3d.!"] {
            assert_eq!(record(other), None, "{other}");
        }
    }
}
