//! A demonstration: the ordinary server, and beside it a depositor who fills an empty catalogue through the public API.

use crate::{config::Config, serve};
use anyhow::Context;
use archive::{Archive, Visitor};
use cli::demonstration::{self, Demonstrator};
use record::{
    account::{Account, Rank, Scope},
    team::Email,
};
use std::path::Path;

/// The token of the demonstrators lives as long as a token may.
const TOKEN_DAYS: u32 = 730;

pub(crate) async fn demo(config: &Config, data: &Path) -> anyhow::Result<()> {
    let scratch = data.join("demo");
    let beside: serve::Beside = Box::new(move |archive, address| {
        Box::pin(async move {
            match fill(archive, address, &scratch).await {
                Ok(()) => {}
                Err(fault) => {
                    tracing::error!("the demonstration could not be filled: {fault:#}. Start it again; it goes on where it stopped.")
                }
            }
        })
    });
    serve::serve(config, data, Some(beside)).await
}

async fn fill(archive: Archive, address: String, scratch: &Path) -> anyhow::Result<()> {
    if demonstration::is_complete(scratch) || (!demonstration::has_begun(scratch) && archive.numbers().await?.records > 0) {
        return Ok(());
    }
    std::fs::create_dir_all(scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let token = token_of(&archive, scratch, "demonstration@science3d.example", "Science 3D demonstration").await?;
    demonstration::fill(&Demonstrator { server: address, token, scratch: scratch.to_owned() }, |words| {
        tracing::info!("demonstration: {words}")
    })
    .await
}

/// An account and its token, made once and kept in a file that only the operator reads.
async fn token_of(archive: &Archive, scratch: &Path, email: &str, name: &str) -> anyhow::Result<String> {
    let kept = scratch.join("token");
    if let Ok(token) = std::fs::read_to_string(&kept) {
        return Ok(token);
    }
    let address: Email = email.parse()?;
    let account: Account = match archive.account_by_email(&address).await? {
        Some(account) => account,
        None => archive.make_account(email, name, None, Rank::Depositor).await?,
    };
    let (_, secret) = archive.create_token(&Visitor::person(account), "demonstration", Scope::Release, TOKEN_DAYS).await?;
    write_privately(&kept, &secret).with_context(|| format!("cannot write {}", kept.display()))?;
    Ok(secret)
}

fn write_privately(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let beside = path.with_extension("new");
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?.write_all(text.as_bytes())?;
    std::fs::rename(beside, path)
}
