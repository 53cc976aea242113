//! A school asks for a print; whoever runs the archive sees it in a queue and says how far it is.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    sight::At,
};
use record::{
    access::Aspect,
    account::Rank,
    derivative::Derivative,
    job::Job,
    print_kit::is_usual_kit,
    print_request::{FIELD_CHARS_MAX, MESSAGE_CHARS_MAX, PrintRequest, PrintStanding, PrintWish, SIZE_MM},
};
use std::net::IpAddr;

/// Shown to an operator at once.
const REQUESTS_SHOWN_MAX: u32 = 500;
/// Who is told; more administrators than that read the queue.
const TOLD_MAX: usize = 10;
/// Names and addresses of prints that ended are kept so long.
const ENDED_KEPT_SECONDS: i64 = 90 * 24 * 3600;

impl Archive {
    /// For everybody who may see the files, as long as there is a kit for a printer.
    pub async fn ask_for_print(&self, visitor: &Visitor, at: &At, wish: &PrintWish, from: IpAddr) -> Result<(), Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        let usual = wish.usual_kit();
        let is_kit =
            |made: &Derivative| made.kind.name() == "model" && usual.as_ref().map_or(is_usual_kit(&made.name), |name| made.name == *name);
        let forbidden = record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives());
        if forbidden || !self.derivatives(visitor, at.clone()).await?.iter().any(is_kit) {
            return Err(Refusal::Forbidden {
                what: said(
                    "no-print",
                    "There is nothing of this record that may be printed.",
                    "Von diesem Eintrag gibt es nichts, das gedruckt werden darf.",
                ),
            });
        }
        check(wish)?;
        self.inner.attempts.admit(&[format!("print from {from}")], self.now(), self.limits().print_requests_max)?;
        let now = self.now();
        let operators = self.catalogue().accounts(1000).await?.into_iter().filter(|account| account.rank == Rank::Administrator);
        let mut change = self.catalogue().change().await?;
        if change.count_unanswered_prints().await? >= self.limits().unanswered_prints_max {
            return Err(Refusal::Forbidden {
                what: said(
                    "too-many-prints",
                    "So many prints have been asked for that no more are taken at present.",
                    "Es sind so viele Drucke bestellt, dass zurzeit keine weiteren angenommen werden.",
                ),
            });
        }
        change.insert_print_request(&record.id, record.version, wish, now).await?;
        let text = format!(
            "{} ({}) asks for a print of “{}”{}, {} mm long:\n\n{}\n\nAnswer to: {}\nQueue: {}/admin/prints\n",
            wish.name,
            wish.school,
            record.title(),
            if wish.model.is_empty() { String::new() } else { format!(" ({})", wish.model) },
            wish.size_mm,
            wish.message,
            wish.email,
            self.settings().base_url
        );
        let subject = format!("{}: a print is asked for", self.settings().publisher);
        for operator in operators.take(TOLD_MAX) {
            change.enqueue(&Job::letter(operator.email, subject.clone(), text.clone()), now, now).await?;
        }
        self.commit(change, &[]).await
    }

    pub async fn print_requests(&self, visitor: &Visitor) -> Result<Vec<PrintRequest>, Refusal> {
        visitor.administrator()?;
        Ok(self.catalogue().print_requests(REQUESTS_SHOWN_MAX).await?)
    }

    /// Says how far a print is; whoever asked for it is told by mail.
    pub async fn set_print_standing(&self, visitor: &Visitor, id: i64, standing: PrintStanding) -> Result<(), Refusal> {
        visitor.administrator()?;
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let request = change.print_request(id).await?.ok_or(Refusal::NotFound)?;
        if !request.standing.may_become().contains(&standing) {
            return Err(Refusal::Conflict {
                what: said("print-elsewhere", "The print has gone further meanwhile.", "Der Druck ist inzwischen weiter."),
                hint: hint("Look at the queue again.", "Sehen Sie die Liste noch einmal an."),
            });
        }
        change.set_print_standing(id, standing, now).await?;
        let text = format!("Your print of {}/records/{} is now: {standing}.\n", self.settings().base_url, request.record);
        let subject = format!("{}: your print", self.settings().publisher);
        change.enqueue(&Job::letter(request.wish.email, subject, text), now, now).await?;
        self.commit(change, &[]).await
    }

    pub async fn delete_print_request(&self, visitor: &Visitor, id: i64) -> Result<(), Refusal> {
        visitor.administrator()?;
        let mut change = self.catalogue().change().await?;
        if !change.delete_print_request(id).await? {
            return Err(Refusal::NotFound);
        }
        self.commit(change, &[]).await
    }

    pub(crate) async fn sweep_print_requests(&self) -> Result<u64, Refusal> {
        let mut change = self.catalogue().change().await?;
        let gone = change.delete_ended_prints(self.now().plus_seconds(-ENDED_KEPT_SECONDS)).await?;
        self.commit(change, &[]).await?;
        Ok(gone)
    }
}

fn check(wish: &PrintWish) -> Result<(), Refusal> {
    let empty = |text: &str| text.trim().is_empty() || text.chars().count() > FIELD_CHARS_MAX;
    let wrong = |field: &'static str, english: &'static str, german: &'static str| {
        Err(Refusal::invalid(
            field,
            said("print-incomplete", english, german),
            hint("Fill it in and send it again.", "Füllen Sie es aus und senden Sie es noch einmal."),
        ))
    };
    if empty(&wish.name) {
        return wrong("name", "Say who asks (at most 200 letters).", "Sagen Sie, wer fragt (höchstens 200 Zeichen).");
    }
    if empty(&wish.school) {
        return wrong("school", "Name the school (at most 200 letters).", "Nennen Sie die Schule (höchstens 200 Zeichen).");
    }
    if !SIZE_MM.contains(&wish.size_mm) {
        return wrong("size_mm", "Ask for 20 to 300 mm.", "Bestellen Sie 20 bis 300 mm.");
    }
    if wish.message.chars().count() > MESSAGE_CHARS_MAX {
        return wrong("message", "The message is longer than 2000 letters.", "Die Nachricht hat mehr als 2000 Zeichen.");
    }
    Ok(())
}
