//! People upload movies: what browsers play stays as it is, the rest gets a copy, and all get a picture; without ffmpeg the files
//! are kept and that is said. What was closed stays closed.

mod workshop;

use archive::{Refusal, Visitor};
use record::{
    derivative::{Derivative, DerivativeKind, MovieFacts},
    id::RecordId,
    job::Standing,
    kind::Kind,
    movie::Plays,
};
use serde_json::Value;
use testbed::Stage;
use workshop::{labour, movie, worker};

async fn movies_of(stage: &Stage, owner: &Visitor, id: &RecordId) -> Vec<(String, MovieFacts)> {
    let made = stage.archive.derivatives(owner, id).await.unwrap();
    let facts = |made: Derivative| match made.kind {
        DerivativeKind::Movie(facts) => Some((made.name, facts)),
        _ => None,
    };
    made.into_iter().filter_map(facts).collect()
}

async fn failures(stage: &Stage, owner: &Visitor, id: &RecordId) -> Vec<String> {
    let jobs = stage.archive.activity(owner, id).await.unwrap();
    let said = jobs.iter().filter_map(|view| match &view.standing {
        Standing::Failed { failure } | Standing::Needless { reason: failure } => Some(format!("{}: {failure}", view.job.name())),
        _ => None,
    });
    said.collect()
}

/// What another program says of a file.
fn probed(stage: &Stage, bytes: &[u8]) -> Value {
    let path = stage.folder.path().join("probed");
    std::fs::write(&path, bytes).unwrap();
    let shown = ["-v", "error", "-of", "json", "-show_entries", "stream=codec_name,pix_fmt,width,height:format=format_name,duration"];
    let said = std::process::Command::new("ffprobe").args(shown).arg(&path).output().unwrap();
    serde_json::from_slice(&said.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_movie_that_browsers_do_not_play_gets_a_copy_and_one_that_they_play_stays_alone() {
    let stage = Stage::on_sqlite().await;
    let Some(avi) = movie(&stage, "clip.avi", &["-c:v", "mpeg4"]) else {
        println!("skipped: uploaded movies, because there is no ffmpeg");
        return;
    };
    let mp4 = movie(&stage, "plain.mp4", &["-c:v", "libx264", "-pix_fmt", "yuv420p"]).unwrap();
    let mov = movie(&stage, "wrapped.mov", &["-c:v", "libx264", "-pix_fmt", "yuv420p"]).unwrap();
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Movie, "How it was measured").await.id;
    for (path, bytes) in [("talk/clip.avi", &avi), ("plain.mp4", &mp4), ("wrapped.mov", &mov)] {
        stage.upload(&ada, &id, path, bytes).await;
    }
    labour(&stage).await;
    assert_eq!(failures(&stage, &ada, &id).await, [""; 0]);
    let made = movies_of(&stage, &ada, &id).await;
    let plays: Vec<(&str, Plays)> = made.iter().map(|(name, facts)| (name.as_str(), facts.plays)).collect();
    assert_eq!(plays, [("movie-plain.mp4", Plays::Original), ("movie-talk-clip.mp4", Plays::Copy), ("movie-wrapped.mp4", Plays::Copy)]);
    for (name, facts) in &made {
        assert_eq!((facts.width, facts.height, facts.codec.as_str()), (322, 240, "H.264"), "{name}");
        assert!((facts.seconds - 2.0).abs() < 0.1, "{name}: {}", facts.seconds);
        let (poster, media_type, _) = stage.archive.picture(&ada, &id, &facts.poster).await.unwrap();
        assert_eq!((media_type, &poster.read_all().await.unwrap()[..3]), ("image/jpeg", &[0xff, 0xd8, 0xff][..]), "{name}");
    }
    for name in ["movie-talk-clip.mp4", "movie-wrapped.mp4"] {
        let (copy, media_type, _) = stage.archive.picture(&ada, &id, name).await.unwrap();
        let bytes = copy.read_all().await.unwrap();
        let said = probed(&stage, &bytes);
        let stream = &said["streams"][0];
        assert_eq!((media_type, &stream["codec_name"], &stream["pix_fmt"]), ("video/mp4", &"h264".into(), &"yuv420p".into()), "{said}");
        let (index, pictures) = (find(&bytes, b"moov").unwrap(), find(&bytes, b"mdat").unwrap());
        assert!(index < pictures, "{name}: the index stands in front, so that it plays before it is all there");
    }
    assert!(matches!(stage.archive.picture(&ada, &id, "movie-plain.mp4").await, Err(Refusal::NotFound)), "no bytes beside the original");

    let anyone = Visitor::anyone();
    stage.archive.register(&ada, &id).await.unwrap();
    for name in ["movie-talk-clip.mp4", "movie-talk-clip.jpg"] {
        assert!(matches!(stage.archive.picture(&anyone, &id, name).await, Err(Refusal::Forbidden { .. })), "{name}");
    }
    stage.archive.remove_file(&ada, &id, &"talk/clip.avi".parse().unwrap()).await.unwrap();
    for name in ["movie-talk-clip.mp4", "movie-talk-clip.jpg"] {
        assert!(matches!(stage.archive.picture(&ada, &id, name).await, Err(Refusal::NotFound)), "{name} goes with its file");
    }
    stage.archive.release(&ada, &id).await.unwrap();
    assert!(stage.archive.picture(&anyone, &id, "movie-wrapped.mp4").await.is_ok());
    stage.archive.settle_index().await.unwrap();
    let shown = stage.archive.latest(1).await.unwrap();
    assert_eq!(shown[0].thumb.as_deref(), Some("movie-plain.jpg"), "a card of movies shows a poster");
}

fn find(bytes: &[u8], name: &[u8]) -> Option<usize> {
    bytes.windows(name.len()).position(|window| window == name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_movie_is_told_in_words_and_reads_no_other_file() {
    let stage = Stage::on_sqlite().await;
    let Some(avi) = movie(&stage, "good.avi", &["-c:v", "mpeg4"]) else {
        println!("skipped: files that are no movies, because there is no ffmpeg");
        return;
    };
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Movie, "Traps").await.id;
    let good = stage.folder.path().join("good.avi");
    // Lists that name another file, as ffmpeg would follow them if it might.
    let playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:{}\n#EXT-X-ENDLIST\n", good.display());
    let script = format!("ffconcat version 1.0\nfile {}\n", good.display());
    let far = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n";
    let cut = &avi[..avi.len() / 3];
    for (path, bytes) in
        [("list.mp4", playlist.as_bytes()), ("script.mkv", script.as_bytes()), ("far.avi", far.as_bytes()), ("empty.mov", b"x")]
    {
        stage.upload(&ada, &id, path, bytes).await;
    }
    stage.upload(&ada, &id, "cut.avi", cut).await;
    stage.upload(&ada, &id, "zgood.avi", &avi).await;
    labour(&stage).await;
    let plays: Vec<(String, Plays)> = movies_of(&stage, &ada, &id).await.into_iter().map(|(name, facts)| (name, facts.plays)).collect();
    for name in ["list", "script", "far", "empty"] {
        let (_, plays) = plays.iter().find(|(made, _)| *made == format!("movie-{name}.mp4")).unwrap();
        assert_eq!(*plays, Plays::Nowhere, "{name}");
    }
    assert!(plays.contains(&("movie-zgood.mp4".into(), Plays::Copy)), "the others are looked at all the same: {plays:?}");
    let [said] = &failures(&stage, &ada, &id).await[..] else { panic!("one job, one failure") };
    assert!(said.starts_with("movies: ") && said.contains(".mov: ") || said.contains(".avi: ") || said.contains(".mp4: "), "{said}");
    assert!(said.contains("kept as it is") && !said.contains(&*stage.folder.path().to_string_lossy()), "no place of this machine: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_ffmpeg_movies_are_kept_and_that_is_said() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    for program in ["", "/nowhere/ffmpeg"] {
        let id = stage.draft(&ada, Kind::Movie, "A talk").await.id;
        stage.upload(&ada, &id, "talk.mp4", b"whatever").await;
        stage.upload(&ada, &id, "walk.avi", b"whatever").await;
        stage.clock.advance_seconds(60);
        worker(&stage).with_ffmpeg(program).work_until_idle().await;
        let plays: Vec<Plays> = movies_of(&stage, &ada, &id).await.into_iter().map(|(_, facts)| facts.plays).collect();
        assert_eq!(plays, [Plays::Original, Plays::Nowhere]);
        let said = failures(&stage, &ada, &id).await;
        assert!(said.len() == 1 && said[0].contains("has no ffmpeg"), "{said:?}");
    }
}
