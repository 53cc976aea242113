//! What an administrator looks at: labour that waits or failed, mails of the local outbox, accounts.

use super::{Shell, answer};
use crate::{display, door::Door, live, refusal::Refused, session::Guest, words::Words};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use record::job::Standing;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/admin", get(show))
}

#[derive(Template)]
#[template(path = "admin.html")]
struct AdminPage {
    s: Shell,
    here: &'static str,
    jobs: Vec<JobLine>,
    mails: Vec<MailLine>,
    accounts: Vec<AccountLine>,
}

struct JobLine {
    title: &'static str,
    record: String,
    says: String,
    failed: bool,
    attempts: u32,
    run_at: String,
}

struct MailLine {
    at: String,
    to: String,
    subject: String,
    heads: String,
    text: String,
}

struct AccountLine {
    email: String,
    name: String,
    rank: &'static str,
    made: String,
}

async fn show(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let words = Words::of(guest.language);
    let language = guest.language;
    let jobs = door.archive.all_jobs(&guest.visitor).await?;
    let mails = door.archive.outbox(&guest.visitor).await?;
    let accounts = door.archive.accounts(&guest.visitor).await?;
    let page = AdminPage {
        here: "admin",
        jobs: jobs
            .iter()
            .map(|view| JobLine {
                title: words.job(view.job.name()),
                record: view.job.record().map(ToString::to_string).unwrap_or_default(),
                says: live::job_says(view, words, language),
                failed: matches!(view.standing, Standing::Failed { .. }),
                attempts: view.attempts,
                run_at: display::moment(view.run_at, language),
            })
            .collect(),
        mails: mails
            .into_iter()
            .map(|mail| MailLine {
                at: display::moment(mail.at, language),
                to: mail.to,
                subject: mail.subject,
                heads: mail.heads,
                text: mail.text,
            })
            .collect(),
        accounts: accounts
            .iter()
            .map(|account| AccountLine {
                email: account.email.to_string(),
                name: account.name.clone(),
                rank: account.rank.name(),
                made: display::day(account.created_at, language),
            })
            .collect(),
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}
