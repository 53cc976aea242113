//! What an operator does at the command line: accounts, tokens, jobs, DOIs.

use crate::{
    assemble::{self, House, IndexUse},
    config::Config,
};
use crate::{ror::Ror, taxa::Taxa};
use anyhow::{Context, bail};
use archive::{Visitor, ledger::Repair};
use clap::Subcommand;
use record::{
    account::{Account, Rank, Scope},
    doi::Doi,
    id::{AccountId, JobId},
    job::Standing,
    ledger::{DoiStanding, LedgerLine},
    team::Email,
};
use std::{
    io::Read,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Accounts
    #[command(subcommand)]
    User(User),
    /// Personal API tokens
    #[command(subcommand)]
    Token(Token),
    /// The labour that waits, runs or failed
    #[command(subcommand)]
    Jobs(Jobs),
    /// What the registrar was told about DOIs, and where it says something else
    Dois(Dois),
    /// The list of organisms
    #[command(subcommand)]
    Taxa(Taxa),
    /// The list of institutions
    #[command(subcommand)]
    Ror(Ror),
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an account; without a password it gets a mail with a link to choose one
    Add {
        email: String,
        /// As it stands in author lists: “Family, Given”
        #[arg(long)]
        name: String,
        /// depositor, curator or administrator
        #[arg(long, default_value = "depositor")]
        rank: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// All accounts
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token for an account; its secret is shown once
    Create {
        email: String,
        #[arg(long, default_value = "made at the command line")]
        name: String,
        /// read, deposit or release
        #[arg(long, default_value = "deposit")]
        scope: String,
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Jobs {
    List,
    /// Let a failed job run again
    Retry {
        id: i64,
    },
}

/// Without options it only shows the ledger.
#[derive(Debug, clap::Args)]
pub(crate) struct Dois {
    /// Ask the registrar about every DOI first
    #[arg(long)]
    compare: bool,
    /// Let everything that differs or was not taken be told again; the labour does it
    #[arg(long)]
    repair: bool,
    /// Hide a DOI at the registrar that no record here has; a draft is deleted
    #[arg(long, value_name = "DOI")]
    retire: Option<String>,
}

impl Admin {
    pub(crate) async fn run(self, config: &Config, data: &Path) -> anyhow::Result<()> {
        let house = assemble::house(config, data, config.server_base_url.trim_end_matches('/').to_owned(), IndexUse::Passing).await?;
        match self {
            Admin::User(User::Add { email, name, rank, password_stdin }) => add_user(&house, &email, &name, &rank, password_stdin).await,
            Admin::User(User::List) => list_users(&house).await,
            Admin::Token(Token::Create { email, name, scope, days }) => create_token(&house, &email, &name, &scope, days).await,
            Admin::Jobs(Jobs::List) => list_jobs(&house).await,
            Admin::Jobs(Jobs::Retry { id }) => retry(&house, JobId(id)).await,
            Admin::Taxa(wish) => wish.run(&house.layout.taxa),
            Admin::Ror(wish) => wish.run(&house.layout.organisations),
            Admin::Dois(wish) => dois(&house, config, wish).await,
        }
    }
}

/// Whoever may run this program on the data may do everything; no account stands behind it.
fn operator(house: &House) -> anyhow::Result<Visitor> {
    let email: Email = "operator@localhost".parse()?;
    let id = AccountId::from_random(&[0; AccountId::LENGTH]);
    Ok(Visitor::person(Account { id, email, name: "Operator".to_owned(), rank: Rank::Administrator, created_at: house.archive.now() }))
}

async fn add_user(house: &House, email: &str, name: &str, rank: &str, password_stdin: bool) -> anyhow::Result<()> {
    let rank = Rank::from_name(rank).with_context(|| format!("“{rank}” is no rank; use depositor, curator or administrator"))?;
    let mut password = String::new();
    if password_stdin {
        std::io::stdin().take(4096).read_to_string(&mut password).context("cannot read the password")?;
    }
    let password = password.trim_end_matches(['\r', '\n']);
    let account = house.archive.make_account(email, name, password_stdin.then_some(password), rank).await?;
    println!("{} {} ({})", account.id, account.email, account.rank.name());
    if !password_stdin {
        house.archive.request_reset(email, IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
        println!("A mail with a link to choose a password is on its way; without mail.url it lies in the outbox on /admin.");
    }
    Ok(())
}

async fn list_users(house: &House) -> anyhow::Result<()> {
    for account in house.archive.accounts(&operator(house)?).await? {
        println!("{}  {:13}  {}  {}", account.id, account.rank.name(), account.email, account.name);
    }
    Ok(())
}

async fn create_token(house: &House, email: &str, name: &str, scope: &str, days: u32) -> anyhow::Result<()> {
    let scope = Scope::from_name(scope).with_context(|| format!("“{scope}” is no scope; use read, deposit or release"))?;
    let Some(account) = house.archive.account_by_email(&email.parse()?).await? else {
        bail!("there is no account {email}; see science3d admin user list");
    };
    let (_, secret) = house.archive.create_token(&Visitor::person(account), name, scope, days).await?;
    println!("{secret}");
    Ok(())
}

async fn list_jobs(house: &House) -> anyhow::Result<()> {
    let now = house.archive.now();
    for view in house.archive.all_jobs(&operator(house)?).await? {
        let standing = match &view.standing {
            Standing::Waiting { last_failure: None } if view.run_at > now => format!("waits until {}", view.run_at.minute()),
            Standing::Waiting { last_failure: None } => "waits".to_owned(),
            Standing::Waiting { last_failure: Some(failure) } => format!("waits again: {failure}"),
            Standing::Running { since } => format!("runs since {}", since.minute()),
            Standing::Failed { failure } => format!("failed: {failure}"),
            Standing::Needless { reason } => format!("needless: {reason}"),
        };
        let record = view.job.record().map_or("-", |record| record.as_str());
        println!("{:6}  {:15}  {record:9}  {standing}", view.id, view.job.name());
    }
    Ok(())
}

async fn retry(house: &House, id: JobId) -> anyhow::Result<()> {
    let operator = operator(house)?;
    let jobs = house.archive.all_jobs(&operator).await?;
    let Some(record) = jobs.iter().find(|view| view.id == id).and_then(|view| view.job.record()) else {
        bail!("there is no job {id} of a record that waits or failed; see science3d admin jobs list");
    };
    house.archive.try_again(&operator, record, id).await?;
    println!("job {id} runs again");
    Ok(())
}

async fn dois(house: &House, config: &Config, wish: Dois) -> anyhow::Result<()> {
    let operator = operator(house)?;
    if wish.compare {
        let registrar = assemble::registrar(config)?;
        if registrar.is_sandbox() {
            bail!("doi.registrar is the sandbox: nobody is told about DOIs, so there is nothing to compare");
        }
        let scratch = house.layout.scratch.join("admin");
        let worker = worker::Worker::new(house.archive.clone(), registrar, assemble::postman(config)?, config.mail_from.clone(), scratch);
        worker.compare_dois().await.map_err(|failure| anyhow::anyhow!("the comparison broke off; it goes on where it was: {failure}"))?;
    }
    if wish.repair {
        let asked = house.archive.repair_dois(&operator, &Repair::All).await?;
        println!("asked for {asked} repairs; the server or a worker does them");
    }
    if let Some(doi) = &wish.retire {
        let doi: Doi = doi.parse()?;
        house.archive.repair_dois(&operator, &Repair::One(doi)).await?;
        println!("it will be hidden by the server or a worker");
    }
    let ledger = house.archive.ledger(&operator).await?;
    for (standing, count) in &ledger.counts {
        println!("{count:8}  {standing}");
    }
    println!("{:8}  differing", ledger.differing);
    match &ledger.comparison {
        None => println!("not compared with the registrar yet"),
        Some(comparison) => match comparison.ended_at {
            Some(ended) => println!("compared {}, {} DOIs looked at", ended.minute(), comparison.looked_at),
            None => println!("a comparison goes on since {}, {} DOIs looked at", comparison.begun_at.minute(), comparison.looked_at),
        },
    }
    ledger.troubles.iter().for_each(print_line);
    if ledger.more {
        println!("and more");
    }
    Ok(())
}

fn print_line(line: &LedgerLine) {
    let mut says: Vec<String> = line.differences.iter().map(ToString::to_string).collect();
    if let DoiStanding::Unanswered { says: heard, .. } | DoiStanding::Refused { says: heard, .. } = &line.standing {
        says.push(heard.clone());
    }
    println!("{}  {:10}  {}", line.doi, line.standing.name(), says.join("; "));
}
