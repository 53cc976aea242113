//! Sends one letter, or lays it into the outbox that the administrator sees.

use crate::Worker;
use archive::labour::Trouble;
use exchange::{Letter, Sent};
use record::{job::Failure, letter::LetterHeads};

pub(crate) async fn send_mail(worker: &Worker, to: &str, subject: &str, text: &str, heads: Option<&LetterHeads>) -> Result<(), Trouble> {
    let heads = heads.cloned().unwrap_or_default();
    let letter = Letter {
        from: worker.inner.sender.clone(),
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        heads: heads.clone(),
    };
    match worker.inner.postman.send(&letter).await {
        Ok(Sent::Handed) => Ok(()),
        Ok(Sent::ForOutbox(_)) => Ok(worker.archive().put_mail(to, subject, text, &heads).await?),
        Err(fault) => {
            let failure = Failure::new(fault.to_string(), "The operator should look at mail.url.");
            Err(if fault.retry { Trouble::MayPass(failure) } else { Trouble::NeedsAPerson(failure) })
        }
    }
}
