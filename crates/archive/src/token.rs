//! Personal API tokens: with scope and expiry, shown once, stored hashed.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    secret,
};
use record::{
    account::{ApiToken, Scope},
    id::TokenId,
};

pub const TOKEN_PREFIX: &str = "s3d_";
const DAYS_MAX: u32 = 730;
const TOKENS_MAX: usize = 100;

impl Archive {
    /// The token and its secret, which nobody will see again.
    pub async fn create_token(&self, visitor: &Visitor, name: &str, scope: Scope, days: u32) -> Result<(ApiToken, String), Refusal> {
        let account = visitor.needs(Scope::Release)?;
        let name = name.trim();
        if name.is_empty() || name.len() > 100 {
            return Err(Refusal::invalid(
                "name",
                said("token-name-missing", "Give the token a name.", "Geben Sie dem Schlüssel einen Namen."),
                hint("For example the computer that will use it.", "Zum Beispiel den Rechner, der ihn benutzen wird."),
            ));
        }
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(Refusal::invalid(
                "days",
                said("token-days", "A token lives for 1 to 730 days.", "Ein Schlüssel gilt 1 bis 730 Tage."),
                hint("Make a new one when it has expired.", "Machen Sie einen neuen, wenn er abgelaufen ist."),
            ));
        }
        if self.catalogue().tokens_of(&account.id).await?.len() >= TOKENS_MAX {
            return Err(Refusal::TooLarge {
                what: said("too-many-tokens", "You have 100 tokens; revoke some.", "Sie haben 100 Schlüssel; widerrufen Sie einige."),
            });
        }
        let now = self.now();
        let token = ApiToken {
            id: TokenId::from_random(&secret::random()?),
            account: account.id.clone(),
            name: name.to_owned(),
            scope,
            created_at: now,
            expires_at: now.plus_seconds(i64::from(days) * 24 * 3600),
            last_used_at: None,
        };
        let secret = secret::fresh(TOKEN_PREFIX)?;
        let mut change = self.catalogue().change().await?;
        change.insert_token(&token, &secret::hash(&secret)).await?;
        self.commit(change, &[]).await?;
        Ok((token, secret))
    }

    pub async fn tokens(&self, visitor: &Visitor) -> Result<Vec<ApiToken>, Refusal> {
        Ok(self.catalogue().tokens_of(&visitor.signed_in()?.id).await?)
    }

    pub async fn revoke_token(&self, visitor: &Visitor, id: &TokenId) -> Result<(), Refusal> {
        let account = visitor.needs(Scope::Release)?;
        let mut change = self.catalogue().change().await?;
        change.delete_token(&account.id, id).await?;
        self.commit(change, &[]).await
    }

    pub async fn visitor_by_token(&self, secret: &str) -> Result<Option<Visitor>, Refusal> {
        if !secret.starts_with(TOKEN_PREFIX) || secret.len() > 100 {
            return Ok(None);
        }
        let Some(token) = self.catalogue().token_by_hash(&secret::hash(secret), self.now()).await? else { return Ok(None) };
        let now = self.now();
        // Once an hour is exact enough for “last used”, and spares a write on every request.
        if token.last_used_at.is_none_or(|used| now.0 - used.0 > 3_600_000) {
            let mut change = self.catalogue().change().await?;
            change.touch_token(&token.id, now).await?;
            self.commit(change, &[]).await?;
        }
        let account = self.catalogue().account(&token.account).await?;
        Ok(account.map(|account| Visitor { account: Some(account), scope: token.scope, reviewer_of: None }))
    }
}
