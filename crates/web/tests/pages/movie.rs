//! Uploaded movies on the record's page: played, or offered with a word.

use crate::house::House;
use archive::reuse::inside;
use record::{
    derivative::{Derivative, DerivativeKind, Inputs, MovieFacts, Recipe},
    file::Sha256,
    id::RecordId,
    instant::Instant,
    movie::Plays,
    version::Version,
};

/// What the worker would say of `path`.
async fn give(house: &House, id: &RecordId, path: &str, plays: Plays, is_known: bool) {
    let stem = format!("movie-{}", path.rsplit_once('.').unwrap().0);
    let recipe = Recipe {
        step: "movies".into(),
        program: "science3d".into(),
        program_version: "1".into(),
        parameters: serde_json::Value::Null,
        inputs: Inputs { files: 1, bytes: 2_000_000, manifest_sha256: Sha256([7; 32]), listed: Vec::new() },
        digest: format!("{:0>16}", path.len()),
    };
    let source = Some(path.parse().unwrap());
    let poster = if is_known { format!("{stem}.jpg") } else { String::new() };
    let facts = MovieFacts {
        width: if is_known { 640 } else { 0 },
        height: if is_known { 480 } else { 0 },
        seconds: if is_known { 12.4 } else { 0.0 },
        codec: if is_known { "H.264".into() } else { String::new() },
        poster: poster.clone(),
        alt: path.into(),
        source: source.clone(),
        plays,
    };
    let picture = DerivativeKind::Picture { width: 640, height: 480, alt: path.into(), source };
    let made = [(poster, picture), (format!("{stem}.mp4"), DerivativeKind::Movie(facts))];
    for (name, kind) in made.into_iter().filter(|(name, _)| !name.is_empty()) {
        let (version, kept_in, made_at) = (Version::FIRST, None, Instant(0));
        let derivative = Derivative { name: name.clone(), kind, version, kept_in, recipe: recipe.clone(), bytes: 5, files: 1, made_at };
        house.stage.archive.store().put(&inside(id, &derivative, &name), "bytes".into()).await.unwrap();
        house.stage.archive.report_derivative(id, &derivative).await.unwrap();
    }
}

#[tokio::test]
async fn a_movie_is_played_as_it_is_or_as_a_copy_and_what_no_browser_plays_is_offered() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let menu = ada.get("/deposit?kind=movie").await.expect(200);
    for kind in ["model", "movie", "lesson"] {
        assert!(menu.says(&format!("value=\"{kind}\"")), "{kind} is in the menu");
    }
    assert!(menu.says("A movie of a specimen"));
    let id = ada.send("/deposit/new", &[("kind", "movie")]).await.expect(303).record();
    for path in ["plain.mp4", "old film.avi", "strange.wmv"] {
        ada.upload(&id, path, "x").await.expect(303);
    }
    let record = id.parse().unwrap();
    give(&house, &record, "plain.mp4", Plays::Original, true).await;
    give(&house, &record, "old film.avi", Plays::Copy, true).await;
    give(&house, &record, "strange.wmv", Plays::Nowhere, false).await;

    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    assert!(page.says(&format!("src=\"/records/{id}/files/plain.mp4\"")), "{}", page.text);
    assert!(page.says(&format!("src=\"/records/{id}/pictures/movie-old%20film.mp4\"")));
    assert!(page.says(&format!("poster=\"/records/{id}/pictures/movie-plain.jpg\"")));
    assert_eq!(page.text.matches("<video").count(), 2, "nothing pretends to play the third");
    assert!(page.says("strange.wmv. Browsers do not play this movie.") && page.says("(WMV, 2.0\u{a0}MB)"));
    assert!(page.says("MP4, H.264, 12 s, 2.0\u{a0}MB") && page.says("old film.avi. A copy for browsers."));
    assert!(!page.says("hero-picture-call"), "a poster is not the record's picture beside its movie");
    assert!(page.says("property=\"og:image\""), "but it is what a shared link shows");
    ada.language = "de";
    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    assert!(page.says("Browser spielen diesen Film nicht.") && page.says("Eine Kopie für Browser"));
}
