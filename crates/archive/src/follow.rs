//! Following a record, or everything that opens, by mail and without an account. An address is followed with only after
//! whoever reads it has pressed a button; every letter leads to the button that ends it, and then the address is gone.

use crate::{Archive, Refusal, Visitor, letter, secret, sight::Sight};
use record::{
    Record,
    access::Aspect,
    follower::{Follower, Follows, Known},
    id::RecordId,
    job::Job,
    letter::LetterLanguage,
    team::Email,
};
use std::net::IpAddr;

/// A following that nobody confirmed is forgotten after this long.
const UNCONFIRMED_SECONDS: i64 = 3 * 24 * 3600;
/// Whoever asks again for the same gets another letter only after this long.
const ASK_AGAIN_SECONDS: i64 = 3600;
/// Followings of one address that may wait for a confirmation: more would be a way to fill somebody's letter box.
const UNCONFIRMED_MAX: u64 = 5;

/// Who wants to hear of what.
#[derive(Debug, Clone)]
pub struct FollowWish {
    pub email: Email,
    pub language: LetterLanguage,
    /// `None` for everything that opens.
    pub record: Option<RecordId>,
}

/// What stands behind the link in a letter.
#[derive(Debug, Clone)]
pub struct Following {
    /// The record with its title; `None` for everything that opens.
    pub record: Option<(RecordId, String)>,
    pub confirmed: bool,
}

impl Archive {
    /// Mails a link that confirms. The answer is the same whether the address follows already or not.
    pub async fn follow(&self, wish: &FollowWish, from: IpAddr) -> Result<(), Refusal> {
        let now = self.now();
        // Letters go to addresses, not to visitors: what only a team may see is nothing that can be followed.
        let record = match &wish.record {
            Some(id) => Some(self.see(&Visitor::anyone(), id, Aspect::Metadata).await?.record),
            None => None,
        };
        self.inner.attempts.admit(&[format!("follow from {from}")], now, self.limits().follow_requests_max)?;
        let mut change = self.catalogue().change().await?;
        let follower = match change.following(&wish.email, wish.record.as_ref()).await? {
            Some(known) if known.asked_at.plus_seconds(ASK_AGAIN_SECONDS) > now => return Ok(()),
            Some(known) => {
                let again = Follower { asked_at: now, language: wish.language, ..known };
                change.follower_asked_again(&again).await?;
                again
            }
            None if change.count_unconfirmed(&wish.email).await? >= UNCONFIRMED_MAX => return Ok(()),
            None => {
                let follows = record.as_ref().map_or(Follows::Releases { told: 0 }, follows);
                let new = Follower {
                    id: 0,
                    email: wish.email.clone(),
                    secret: secret::fresh("")?,
                    language: wish.language,
                    follows,
                    asked_at: now,
                    confirmed_at: None,
                };
                if !change.insert_follower(&new).await? {
                    return Ok(());
                }
                new
            }
        };
        let words = letter::asked(&self.place_of_letters(), &follower, record.as_ref());
        change.enqueue(&Job::letter(&follower.email, words.subject, words.text), now, now).await?;
        self.commit(change, &[]).await
    }

    /// What the holder of this link follows, or would.
    pub async fn following(&self, secret: &str) -> Result<Option<Following>, Refusal> {
        let Some(follower) = self.catalogue().follower(secret).await? else { return Ok(None) };
        let record = match follower.follows.record() {
            Some(id) => {
                let record = self.see(&Visitor::anyone(), id, Aspect::Tombstone).await?.record;
                Some((id.clone(), record.title().to_owned()))
            }
            None => None,
        };
        Ok(Some(Following { record, confirmed: follower.confirmed_at.is_some() }))
    }

    /// From now on there are letters. False: there is no such following any more.
    pub async fn confirm_following(&self, secret: &str) -> Result<bool, Refusal> {
        let mut change = self.catalogue().change().await?;
        let Some(follower) = change.follower(secret).await? else { return Ok(false) };
        if follower.confirmed_at.is_some() {
            return Ok(true);
        }
        // The log before the record: what happens between them is told rather than missed.
        let told = change.lock_followers().await?;
        let follows = match follower.follows.record() {
            None => Follows::Releases { told },
            Some(id) => {
                let sight = change.record(id).await?.map(|stored| Sight::new(stored, &Visitor::anyone()));
                match sight.filter(|sight| sight.may(Aspect::Metadata)) {
                    Some(sight) => follows(&sight.record),
                    None => {
                        change.delete_follower(secret).await?;
                        self.commit(change, &[]).await?;
                        return Ok(false);
                    }
                }
            }
        };
        change.confirm_follower(follower.id, &follows, self.now()).await?;
        self.commit(change, &[]).await?;
        Ok(true)
    }

    /// No more letters; the address is forgotten. Doing it twice is doing it once.
    pub async fn stop_following(&self, secret: &str) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        change.delete_follower(secret).await?;
        self.commit(change, &[]).await
    }

    pub(crate) async fn sweep_followers(&self) -> Result<(), Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        change.delete_unconfirmed_followers(now.plus_seconds(-UNCONFIRMED_SECONDS)).await?;
        // A job of letters that was given up comes again; one that waits is the same.
        self.order_letters(&mut change).await?;
        self.commit(change, &[]).await
    }
}

fn follows(record: &Record) -> Follows {
    Follows::Record { record: record.id.clone(), known: Known::of(record) }
}
