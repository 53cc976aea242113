//! Owners choose how their record is seen, without any script.

use crate::house::House;

const WHITE: [(&str, &str); 5] =
    [("look", "glow"), ("azimuth_deg", "-12,5"), ("elevation_deg", "40"), ("zoom", "1.5"), ("ground", "white")];

#[tokio::test]
async fn an_owner_shows_a_picture_to_try_and_keeps_it() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    let page = format!("/deposit/{id}/picture");
    assert!(ada.get(&page).await.expect(200).says("How your record is seen"));
    ada.language = "de";
    assert!(ada.get(&page).await.expect(200).says("Wie Ihr Eintrag zu sehen ist"));
    ada.language = "en";

    let shown = ada.send(&page, &[&WHITE[..], &[("do", "show")]].concat()).await.expect(303);
    let address = shown.header("location").to_owned();
    assert_eq!(address, format!("{page}?look=glow&azimuth_deg=-12.5&elevation_deg=40&zoom=1.5&ground=white#picture"));
    let tried = ada.get(address.trim_end_matches("#picture")).await.expect(200);
    assert!(tried.says("value=\"glow\" selected") && tried.says("value=\"-12.5\""), "{}", tried.text);
    let record = ada.get(&format!("/api/v1/records/{id}")).await;
    assert!(!record.says("\"picture\""), "nothing is kept yet: {}", record.text);

    let from_above = ada.send(&page, &[&WHITE[..], &[("direction", "above")]].concat()).await.expect(303);
    assert!(from_above.header("location").contains("azimuth_deg=-90&elevation_deg=89"), "{}", from_above.header("location"));

    ada.send(&page, &[&WHITE[..], &[("do", "keep")]].concat()).await.expect(303);
    let record = ada.get(&format!("/api/v1/records/{id}")).await;
    assert!(record.says("\"picture\":{\"look\":\"glow\",\"azimuth_deg\":-12.5"), "{}", record.text);
    assert!(ada.get(&format!("/records/{id}")).await.says("Look and view of the picture chosen"), "the log says it");
    ada.send(&page, &[("do", "usual")]).await.expect(303);
    assert!(!ada.get(&format!("/api/v1/records/{id}")).await.says("\"picture\""));
}

#[tokio::test]
async fn what_cannot_be_drawn_and_who_may_not_choose_is_refused() {
    let house = House::open().await;
    let (mut ada, mut eve) = (house.person("ada").await, house.person("eve").await);
    let id = ada.complete_draft("A jaw").await;
    let page = format!("/deposit/{id}/picture");
    for (name, text) in
        [("zoom", "0"), ("zoom", "nan"), ("elevation_deg", "90"), ("azimuth_deg", "1e9"), ("look", "gold"), ("ground", "sky")]
    {
        ada.send(&page, &[(name, text), ("do", "keep")]).await.expect(422);
        ada.send(&page, &[(name, text), ("do", "show")]).await.expect(422);
        ada.get(&format!("{page}/tried.jpg?{name}={text}")).await.expect(422);
    }
    ada.get(&format!("{page}/tried.jpg?look=bone")).await.expect(404);
    for address in [page.clone(), format!("{page}/tried.jpg?look=bone")] {
        eve.get(&address).await.expect(404);
        house.stranger().get(&address).await.expect(404);
    }
    eve.send(&page, &[("do", "keep")]).await.expect(404);

    let text = ada.send("/deposit/new", &[("kind", "reference")]).await.expect(303).record();
    ada.get(&format!("/deposit/{text}/picture")).await.expect(409);
}
