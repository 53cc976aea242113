//! Signing up, in and out; lost passwords.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    secret,
};
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use catalogue::{Link, LinkPurpose, Session};
use record::{
    account::{Account, Rank, Scope},
    id::AccountId,
    instant::Instant,
    job::{Job, JobView},
    team::Email,
};
use std::{collections::HashMap, net::IpAddr, sync::Mutex};

/// Whose account the first link signs in; not a person that could be an author.
pub(crate) const FIRST_ADMINISTRATOR: &str = "admin@localhost";
const PASSWORD_LETTERS_MIN: usize = 10;
const PASSWORD_BYTES_MAX: usize = 1024;
const NAME_BYTES_MAX: usize = 200;
const ATTEMPT_WINDOW_MS: i64 = 10 * 60 * 1000;
/// Longest address of an account that is told from others.
const ADDRESS_CHARS_MAX: usize = 254;
/// More distinct addresses and accounts than this are not remembered; past windows go first.
const ATTEMPTS_KEPT_MAX: usize = 100_000;

/// What a browser is given after signing in.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub secret: String,
    pub csrf: String,
    pub account: Account,
}

#[derive(Debug, Clone)]
pub struct SignedIn {
    pub account: Account,
    pub csrf: String,
}

impl Archive {
    pub async fn sign_up(&self, email: &str, name: &str, password: &str, from: IpAddr) -> Result<Account, Refusal> {
        self.inner.attempts.admit(&[format!("sign-up from {from}")], self.now(), self.limits().sign_up_attempts_max)?;
        if !self.settings().open_registration {
            return Err(Refusal::Forbidden {
                what: said(
                    "registration-closed",
                    "Accounts are made by the administrators here.",
                    "Konten werden hier von der Verwaltung angelegt.",
                ),
            });
        }
        self.make_account(email, name, Some(password), Rank::Depositor).await
    }

    /// For administrators at the command line and for invitations; without password the account waits for a reset link.
    pub async fn make_account(&self, email: &str, name: &str, password: Option<&str>, rank: Rank) -> Result<Account, Refusal> {
        let email: Email = email.parse().map_err(|_: record::team::NotAnEmail| not_an_email(email))?;
        let hash = match password {
            Some(password) => Some(hash_password(checked_password(password)?).await?),
            None => None,
        };
        let account =
            Account { id: AccountId::from_random(&secret::random()?), email, name: checked_name(name)?, rank, created_at: self.now() };
        if self.catalogue().account_by_email(&account.email).await?.is_some() {
            return Err(Refusal::invalid(
                "email",
                said(
                    "email-taken",
                    "There is an account with this e-mail address already.",
                    "Zu dieser E-Mail-Adresse gibt es schon ein Konto.",
                ),
                hint("Sign in, or ask for a new password.", "Melden Sie sich an oder fordern Sie ein neues Passwort an."),
            ));
        }
        let mut change = self.catalogue().change().await?;
        change.insert_account(&account, hash.as_deref()).await?;
        self.commit(change, &[]).await?;
        Ok(account)
    }

    pub async fn sign_in(&self, email: &str, password: &str, from: IpAddr) -> Result<NewSession, Refusal> {
        let now = self.now();
        let keys =
            [format!("from {from}"), format!("to {}", email.trim().to_lowercase().chars().take(ADDRESS_CHARS_MAX).collect::<String>())];
        self.inner.attempts.admit(&keys, now, self.limits().sign_in_attempts_max)?;
        let known = match email.parse::<Email>() {
            Ok(email) => self.catalogue().account_by_email(&email).await?,
            Err(_) => None,
        };
        let (account, hash) = known.map_or((None, None), |(account, hash)| (Some(account), hash));
        // An unknown address takes as long as a wrong password, so that nobody learns who has an account.
        let matches = verify_password(password, hash).await?;
        match account {
            Some(account) if matches => {
                self.inner.attempts.succeeded(&keys);
                self.open_session(account).await
            }
            _ => Err(Refusal::invalid(
                "password",
                said("password-wrong", "E-mail address and password do not match.", "E-Mail-Adresse und Passwort passen nicht zusammen."),
                hint("Ask for a new password if you have lost yours.", "Fordern Sie ein neues an, wenn Sie Ihres verloren haben."),
            )),
        }
    }

    async fn open_session(&self, account: Account) -> Result<NewSession, Refusal> {
        let (secret, csrf) = (secret::fresh("")?, secret::fresh("")?);
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let session = Session {
            hash: secret::hash(&secret),
            account: account.id.clone(),
            csrf: csrf.clone(),
            created_at: now,
            expires_at: now.plus_seconds(self.limits().session_seconds),
        };
        change.insert_session(&session).await?;
        self.commit(change, &[]).await?;
        Ok(NewSession { secret, csrf, account })
    }

    pub async fn session(&self, secret: &str) -> Result<Option<SignedIn>, Refusal> {
        let Some(session) = self.catalogue().session(&secret::hash(secret), self.now()).await? else { return Ok(None) };
        let account = self.catalogue().account(&session.account).await?;
        Ok(account.map(|account| SignedIn { account, csrf: session.csrf }))
    }

    pub async fn sign_out(&self, secret: &str) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        change.delete_session(&secret::hash(secret)).await?;
        self.commit(change, &[]).await
    }

    /// Mails a link, if there is such an account; the answer is the same if not.
    pub async fn request_reset(&self, email: &str, from: IpAddr) -> Result<(), Refusal> {
        let now = self.now();
        self.inner.attempts.admit(&[format!("reset from {from}")], now, self.limits().sign_in_attempts_max)?;
        let Ok(email) = email.parse::<Email>() else { return Ok(()) };
        let Some((account, _)) = self.catalogue().account_by_email(&email).await? else { return Ok(()) };
        let secret = secret::fresh("")?;
        let mut change = self.catalogue().change().await?;
        change.insert_link(&self.link(&secret, LinkPurpose::ResetPassword, &account, self.limits().link_seconds)).await?;
        let name = &self.settings().publisher;
        let text = format!(
            "Somebody, probably you, asked for a new password for {name}.\n\nChoose it here within two hours:\n{}/reset/{secret}\n\nIf it was not you, ignore this mail; nothing has changed.\n",
            self.settings().base_url
        );
        change.enqueue(&Job::letter(email, format!("{name}: a new password"), text), now, now).await?;
        self.commit(change, &[]).await
    }

    fn link(&self, secret: &str, purpose: LinkPurpose, account: &Account, seconds: i64) -> Link {
        Link { hash: secret::hash(secret), purpose, account: Some(account.id.clone()), expires_at: self.now().plus_seconds(seconds) }
    }

    pub async fn reset(&self, secret: &str, password: &str) -> Result<(), Refusal> {
        let hash = hash_password(checked_password(password)?).await?;
        let mut change = self.catalogue().change().await?;
        let link = change.take_link(&secret::hash(secret), self.now()).await?.ok_or(Refusal::Expired)?;
        let (LinkPurpose::ResetPassword, Some(account)) = (link.purpose, link.account) else { return Err(Refusal::Expired) };
        change.set_password(&account, &hash).await?;
        change.delete_sessions_of(&account).await?;
        self.commit(change, &[]).await
    }

    /// A one-time secret that signs the first administrator in; made at every start while nobody has set a password.
    pub async fn administrator_link(&self) -> Result<Option<String>, Refusal> {
        let administrators: Vec<Account> =
            self.catalogue().accounts(1000).await?.into_iter().filter(|account| account.rank == Rank::Administrator).collect();
        for account in &administrators {
            if self.catalogue().account_by_email(&account.email).await?.is_some_and(|(_, password)| password.is_some()) {
                return Ok(None);
            }
        }
        let account = match administrators.into_iter().next() {
            Some(account) => account,
            None => self.make_account(FIRST_ADMINISTRATOR, "Administrator", None, Rank::Administrator).await?,
        };
        let secret = secret::fresh("")?;
        let mut change = self.catalogue().change().await?;
        change.insert_link(&self.link(&secret, LinkPurpose::SignIn, &account, 24 * 3600)).await?;
        self.commit(change, &[]).await?;
        Ok(Some(secret))
    }

    pub async fn redeem_sign_in_link(&self, secret: &str) -> Result<NewSession, Refusal> {
        let mut change = self.catalogue().change().await?;
        let link = change.take_link(&secret::hash(secret), self.now()).await?.ok_or(Refusal::Expired)?;
        let (LinkPurpose::SignIn, Some(account)) = (link.purpose, link.account) else { return Err(Refusal::Expired) };
        self.commit(change, &[]).await?;
        let account = self.catalogue().account(&account).await?.ok_or(Refusal::Expired)?;
        self.open_session(account).await
    }

    pub async fn set_name(&self, visitor: &Visitor, name: &str) -> Result<(), Refusal> {
        let account = visitor.needs(Scope::Release)?;
        let mut change = self.catalogue().change().await?;
        change.set_name(&account.id, &checked_name(name)?).await?;
        self.commit(change, &[]).await
    }

    /// Needs the present password, unless there is none yet.
    pub async fn set_password(&self, visitor: &Visitor, present: &str, new: &str) -> Result<(), Refusal> {
        let account = visitor.needs(Scope::Release)?;
        let hash = self.catalogue().account_by_email(&account.email).await?.and_then(|(_, hash)| hash);
        if hash.is_some() && !verify_password(present, hash).await? {
            return Err(Refusal::invalid(
                "present",
                said("present-password-wrong", "That is not your present password.", "Das ist nicht Ihr jetziges Passwort."),
                hint("Ask for a reset link if you have lost it.", "Fordern Sie einen Link an, wenn Sie es verloren haben."),
            ));
        }
        let hash = hash_password(checked_password(new)?).await?;
        let mut change = self.catalogue().change().await?;
        change.set_password(&account.id, &hash).await?;
        self.commit(change, &[]).await
    }

    pub async fn accounts(&self, visitor: &Visitor) -> Result<Vec<Account>, Refusal> {
        visitor.administrator()?;
        Ok(self.catalogue().accounts(1000).await?)
    }
    pub async fn outbox(&self, visitor: &Visitor) -> Result<Vec<catalogue::Mail>, Refusal> {
        visitor.administrator()?;
        Ok(self.catalogue().mails(200).await?)
    }
    pub async fn all_jobs(&self, visitor: &Visitor) -> Result<Vec<JobView>, Refusal> {
        visitor.administrator()?;
        Ok(self.catalogue().jobs(500).await?)
    }
    /// For the program itself, for example the demonstration.
    pub async fn account_by_email(&self, email: &Email) -> Result<Option<Account>, Refusal> {
        Ok(self.catalogue().account_by_email(email).await?.map(|(account, _)| account))
    }
}

/// What somebody typed where an e-mail address is wanted.
pub fn not_an_email(text: &str) -> Refusal {
    let shown: String = text.trim().chars().take(80).collect();
    Refusal::invalid(
        "email",
        said("not-an-email", format!("“{shown}” is not an e-mail address."), format!("„{shown}“ ist keine E-Mail-Adresse.")),
        hint("Write it as ada@example.org.", "Schreiben Sie sie wie ada@example.org."),
    )
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "name",
            said(
                "name-missing",
                "Give your name as it stands in author lists.",
                "Geben Sie Ihren Namen so an, wie er in Autorenlisten steht.",
            ),
            hint("For example “Lovelace, Ada”.", "Zum Beispiel „Lovelace, Ada“."),
        ));
    }
    Ok(name.to_owned())
}

fn checked_password(password: &str) -> Result<String, Refusal> {
    if password.chars().count() < PASSWORD_LETTERS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Refusal::invalid(
            "password",
            said("password-too-short", "A password needs at least 10 letters.", "Ein Passwort braucht mindestens 10 Zeichen."),
            hint("Four random words are good and easy to remember.", "Vier zufällige Wörter sind gut und leicht zu merken."),
        ));
    }
    Ok(password.to_owned())
}

async fn hash_password(password: String) -> Result<String, Refusal> {
    let hashed = tokio::task::spawn_blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()));
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => Err(Refusal::Unavailable(format!("could not hash a password: {error}"))),
        Err(error) => Err(Refusal::Unavailable(format!("could not hash a password: {error}"))),
    }
}

/// A hash of nothing anybody knows, so that an unknown account costs the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2NpZW5jZTNkbm9ib2R5$ZAv0bJzK4Yj3m8mS0oX0bM0w3E1mP1sYB6x1y8mRr3k";

async fn verify_password(password: &str, hash: Option<String>) -> Result<bool, Refusal> {
    let password = password.chars().take(PASSWORD_BYTES_MAX).collect::<String>();
    let verified = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let text = hash.unwrap_or_else(|| NOBODY.to_owned());
        let matches = PasswordHash::new(&text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    });
    verified.await.map_err(|error| Refusal::Unavailable(format!("could not check a password: {error}")))
}

/// Failed attempts per address and per account, in this process.
#[derive(Default)]
pub(crate) struct Attempts {
    since: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Attempts {
    /// Counts an attempt, or refuses it.
    pub(crate) fn admit(&self, keys: &[String], now: Instant, attempts_max: u32) -> Result<(), Refusal> {
        let mut since = self.since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if since.len() > ATTEMPTS_KEPT_MAX {
            since.retain(|_, (start, _)| now.0 - start.0 < ATTEMPT_WINDOW_MS);
            if since.len() > ATTEMPTS_KEPT_MAX {
                // A flood of addresses that were seen once must not wash away those that are being guessed at.
                since.retain(|_, (_, count)| *count > 1);
            }
            if since.len() > ATTEMPTS_KEPT_MAX {
                since.clear();
            }
        }
        for key in keys {
            let entry = since.entry(key.clone()).or_insert((now, 0));
            if now.0 - entry.0.0 >= ATTEMPT_WINDOW_MS {
                *entry = (now, 0);
            }
            entry.1 += 1;
            if entry.1 > attempts_max {
                let wait_ms = (entry.0.0 + ATTEMPT_WINDOW_MS - now.0).max(1000);
                return Err(Refusal::TooMany { retry_after_s: (wait_ms / 1000) as u64 });
            }
        }
        Ok(())
    }

    /// A right password clears its account. The address only gets this one attempt back: whoever has an account
    /// must not be able to guess at others without end.
    fn succeeded(&self, [address, account]: &[String; 2]) {
        let mut since = self.since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        since.remove(account);
        if let Some((_, count)) = since.get_mut(address) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_account_costs_as_much_as_a_known_one() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = hash_password("correct horse battery".into()).await.unwrap();
        assert_eq!(nobody.params, PasswordHash::new(&real).unwrap().params);
        assert!(!verify_password("correct horse battery", None).await.unwrap());
        assert!(verify_password("correct horse battery", Some(real)).await.unwrap());
    }

    #[test]
    fn whoever_has_an_account_cannot_guess_at_others_without_end() {
        let attempts = Attempts::default();
        let own = ["from 192.0.2.1".to_owned(), "to eve@example.org".to_owned()];
        let other = ["from 192.0.2.1".to_owned(), "to ada@example.org".to_owned()];
        for _ in 0..5 {
            attempts.admit(&other, Instant(0), 5).unwrap();
            if attempts.admit(&own, Instant(0), 5).is_ok() {
                attempts.succeeded(&own);
            }
        }
        assert!(attempts.admit(&other, Instant(0), 5).is_err());
    }

    #[test]
    fn a_flood_of_other_addresses_does_not_give_back_attempts() {
        let attempts = Attempts::default();
        let guessed = ["to ada@example.org".to_owned()];
        for _ in 0..5 {
            attempts.admit(&guessed, Instant(0), 5).unwrap();
        }
        let once = |number: usize| (format!("to {number}@example.org"), (Instant(0), 1));
        attempts.since.lock().unwrap().extend((0..=ATTEMPTS_KEPT_MAX).map(once));
        assert!(attempts.admit(&guessed, Instant(1), 5).is_err());
        assert!(attempts.since.lock().unwrap().len() <= ATTEMPTS_KEPT_MAX);
    }
}
