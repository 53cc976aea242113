//! Working on a record together: owners, read-only collaborators, and a link for reviewers.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    secret,
};
use catalogue::{Link, LinkPurpose};
use record::{
    Record,
    access::Aspect,
    event::Happening,
    id::RecordId,
    job::Job,
    team::{Email, Member, Role},
};

const TEAM_MAX: usize = 200;
const REVIEW_SECONDS: i64 = 180 * 24 * 3600;

impl Archive {
    pub async fn add_member(&self, visitor: &Visitor, id: &RecordId, email: Email, role: Role) -> Result<Record, Refusal> {
        let title_and_link = |record: &Record| format!("{}\n{}/records/{}", record.title(), self.settings().base_url, record.id);
        let address = email.to_string();
        self.change_team(visitor, id, Some(&address), title_and_link, |team| {
            let there = team.iter().position(|member| member.email == email);
            match there {
                Some(place) => team[place].role = role,
                None if team.len() >= TEAM_MAX => {
                    return Err(Refusal::TooLarge {
                        what: said(
                            "team-too-large",
                            format!("A team has at most {TEAM_MAX} members."),
                            format!("Ein Team hat höchstens {TEAM_MAX} Mitglieder."),
                        ),
                    });
                }
                None => team.push(Member { email, role }),
            }
            Ok(())
        })
        .await
    }

    pub async fn remove_member(&self, visitor: &Visitor, id: &RecordId, email: &Email) -> Result<Record, Refusal> {
        self.change_team(
            visitor,
            id,
            None,
            |_| String::new(),
            |team| {
                team.retain(|member| member.email != *email);
                Ok(())
            },
        )
        .await
    }

    async fn change_team(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        invited: Option<&str>,
        letter: impl Fn(&Record) -> String,
        edit: impl FnOnce(&mut Vec<Member>) -> Result<(), Refusal>,
    ) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let mut record = self.grip(&mut change, visitor, id, Aspect::Release).await?.record;
        edit(&mut record.team)?;
        if record.owners().next().is_none() {
            return Err(Refusal::invalid(
                "role",
                said(
                    "owner-missing",
                    "A record needs at least one owner.",
                    "Ein Eintrag braucht mindestens eine Eigentümerin oder einen Eigentümer.",
                ),
                hint("Make somebody else an owner first.", "Machen Sie zuerst jemand anderen dazu."),
            ));
        }
        let now = self.now();
        if let Some(to) = invited {
            let text = format!(
                "You have been invited to work on a record in {}:\n\n{}\n\nSign in with this e-mail address to see it.\n",
                self.settings().publisher,
                letter(&record)
            );
            let subject = format!("{}: an invitation", self.settings().publisher);
            change.enqueue(&Job::letter(to, subject, text), now, now).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(2), now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::TeamChanged).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// The secret of a link that shows the files to its holder while the record is registered.
    pub async fn reviewer_link(&self, visitor: &Visitor, id: &RecordId) -> Result<String, Refusal> {
        let mut change = self.catalogue().change().await?;
        self.grip(&mut change, visitor, id, Aspect::Release).await?;
        let secret = secret::fresh("")?;
        let link = Link {
            hash: secret::hash(&secret),
            purpose: LinkPurpose::Reviewer { record: id.clone(), hide_names: false },
            account: visitor.account_id().cloned(),
            expires_at: self.now().plus_seconds(REVIEW_SECONDS),
        };
        change.insert_link(&link).await?;
        self.commit(change, &[]).await?;
        Ok(secret)
    }

    /// Which record the holder of this link may review.
    pub async fn review(&self, secret: &str) -> Result<RecordId, Refusal> {
        let link = self.catalogue().link(&secret::hash(secret), self.now()).await?.ok_or(Refusal::Expired)?;
        match link.purpose {
            LinkPurpose::Reviewer { record, .. } => Ok(record),
            _ => Err(Refusal::Expired),
        }
    }
}
