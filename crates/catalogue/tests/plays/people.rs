//! Accounts, sessions, tokens, links, mails, settings.

use crate::{Stage, actors::*};
use catalogue::{Fault, Link, LinkPurpose, Session};
use record::{
    account::{ApiToken, Rank, Scope},
    id::TokenId,
    letter::LetterHeads,
};

async fn with_ada(stage: &Stage) {
    commit(&stage.catalogue, async |change| change.insert_account(&account(1, "ada@example.org"), Some("$argon2id$…")).await.unwrap())
        .await;
}

pub async fn an_address_belongs_to_one_account(stage: Stage) {
    with_ada(&stage).await;
    let mut change = stage.catalogue.change().await.unwrap();
    assert!(matches!(change.insert_account(&account(2, "ADA@example.org"), None).await, Err(Fault::Conflict)));
    drop(change);
    assert_eq!(stage.catalogue.count_accounts().await.unwrap(), 1);

    let found = stage.catalogue.account_by_email(&email("Ada@Example.org")).await.unwrap();
    assert_eq!(found, Some((account(1, "ada@example.org"), Some("$argon2id$…".to_owned()))));
    commit(&stage.catalogue, async |change| {
        change.insert_account(&account(2, "bob@example.org"), None).await.unwrap();
        assert!(change.set_rank(&account_id(2), Rank::Administrator).await.unwrap());
        assert!(change.set_name(&account_id(2), "Roberts, Bob").await.unwrap());
        assert!(change.set_password(&account_id(2), "new").await.unwrap());
        assert!(!change.set_name(&account_id(3), "Nobody").await.unwrap());
        assert_eq!(change.count_accounts().await.unwrap(), 2);
    })
    .await;
    let accounts = stage.catalogue.accounts(10).await.unwrap();
    assert_eq!((accounts[1].name.as_str(), accounts[1].rank), ("Roberts, Bob", Rank::Administrator));
    assert_eq!(stage.catalogue.account(&account_id(1)).await.unwrap(), Some(account(1, "ada@example.org")));
}

pub async fn an_expired_session_is_none(stage: Stage) {
    with_ada(&stage).await;
    let session = |number: u8| Session {
        hash: [number; 32],
        account: account_id(1),
        csrf: "c".repeat(32),
        created_at: NOON,
        expires_at: NOON.plus_seconds(60 * i64::from(number)),
    };
    commit(&stage.catalogue, async |change| {
        for number in 1..=3 {
            change.insert_session(&session(number)).await.unwrap();
        }
    })
    .await;
    assert_eq!(stage.catalogue.session(&[1; 32], NOON.plus_seconds(59)).await.unwrap(), Some(session(1)));
    assert_eq!(stage.catalogue.session(&[1; 32], NOON.plus_seconds(60)).await.unwrap(), None);
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.delete_expired_sessions(NOON.plus_seconds(60)).await.unwrap(), 1);
        change.delete_session(&[2; 32]).await.unwrap();
    })
    .await;
    assert_eq!(stage.catalogue.session(&[2; 32], NOON).await.unwrap(), None);
    assert!(stage.catalogue.session(&[3; 32], NOON).await.unwrap().is_some());
    commit(&stage.catalogue, async |change| change.delete_sessions_of(&account_id(1)).await.unwrap()).await;
    assert_eq!(stage.catalogue.session(&[3; 32], NOON).await.unwrap(), None);
}

pub async fn a_token_is_known_by_its_hash(stage: Stage) {
    with_ada(&stage).await;
    let id = TokenId::from_random(&[5; 12]);
    let mut token = ApiToken {
        id: id.clone(),
        account: account_id(1),
        name: "beamline".into(),
        scope: Scope::Deposit,
        created_at: NOON,
        expires_at: NOON.plus_seconds(60),
        last_used_at: None,
    };
    commit(&stage.catalogue, async |change| {
        change.insert_token(&token, &[5; 32]).await.unwrap();
        change.touch_token(&id, NOON.plus_seconds(5)).await.unwrap();
    })
    .await;
    token.last_used_at = Some(NOON.plus_seconds(5));
    assert_eq!(stage.catalogue.token_by_hash(&[5; 32], NOON).await.unwrap(), Some(token.clone()));
    assert_eq!(stage.catalogue.token_by_hash(&[5; 32], NOON.plus_seconds(60)).await.unwrap(), None);
    assert_eq!(stage.catalogue.token_by_hash(&[6; 32], NOON).await.unwrap(), None);
    assert_eq!(stage.catalogue.tokens_of(&account_id(1)).await.unwrap(), [token]);
    commit(&stage.catalogue, async |change| {
        assert!(!change.delete_token(&account_id(2), &id).await.unwrap(), "somebody else's token was deleted");
        assert!(change.delete_token(&account_id(1), &id).await.unwrap());
    })
    .await;
    assert_eq!(stage.catalogue.token_by_hash(&[5; 32], NOON).await.unwrap(), None);
}

pub async fn a_link_is_good_once_and_a_reviewer_link_until_it_expires(stage: Stage) {
    with_ada(&stage).await;
    let record = with_record(&stage.catalogue, 1).await;
    let sign_in = Link { hash: [1; 32], purpose: LinkPurpose::SignIn, account: Some(account_id(1)), expires_at: NOON.plus_seconds(60) };
    let review = Link {
        hash: [2; 32],
        purpose: LinkPurpose::Reviewer { record: record.clone(), hide_names: true },
        account: None,
        expires_at: NOON.plus_seconds(60),
    };
    commit(&stage.catalogue, async |change| {
        change.insert_link(&sign_in).await.unwrap();
        change.insert_link(&review).await.unwrap();
    })
    .await;
    assert_eq!(stage.catalogue.link(&[1; 32], NOON).await.unwrap(), Some(sign_in.clone()));
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.take_link(&[1; 32], NOON.plus_seconds(60)).await.unwrap(), None);
        assert_eq!(change.take_link(&[1; 32], NOON).await.unwrap(), Some(sign_in));
        assert_eq!(change.take_link(&[1; 32], NOON).await.unwrap(), None);
        assert_eq!(change.take_link(&[2; 32], NOON).await.unwrap(), Some(review.clone()));
        assert_eq!(change.take_link(&[2; 32], NOON).await.unwrap(), Some(review.clone()));
    })
    .await;
    assert_eq!(stage.catalogue.links_of(&record).await.unwrap(), [review]);
    commit(&stage.catalogue, async |change| assert_eq!(change.delete_expired_links(NOON.plus_seconds(60)).await.unwrap(), 1)).await;
    assert_eq!(stage.catalogue.link(&[2; 32], NOON).await.unwrap(), None);
}

pub async fn mails_and_settings_are_kept(stage: Stage) {
    commit(&stage.catalogue, async |change| {
        change.put_mail("ada@example.org", "First", "Grüße\n", &LetterHeads::default(), NOON).await.unwrap();
        let heads = LetterHeads { unsubscribe: Some("https://example.org/follow/1".into()), ..LetterHeads::default() };
        change.put_mail("ada@example.org", "Second", "", &heads, NOON).await.unwrap();
        change.set_setting("secret", "one").await.unwrap();
        change.set_setting("secret", "two").await.unwrap();
        assert_eq!(change.setting("secret").await.unwrap().as_deref(), Some("two"));
    })
    .await;
    let mails = stage.catalogue.mails(10).await.unwrap();
    assert_eq!(
        mails.iter().map(|mail| (mail.subject.as_str(), mail.text.as_str())).collect::<Vec<_>>(),
        [("Second", ""), ("First", "Grüße\n")]
    );
    assert!(mails[0].heads.starts_with("List-Unsubscribe: <https://example.org/follow/1>\n") && mails[1].heads.is_empty());
    assert_eq!(stage.catalogue.setting("secret").await.unwrap().as_deref(), Some("two"));
    assert_eq!(stage.catalogue.setting("other").await.unwrap(), None);
}
