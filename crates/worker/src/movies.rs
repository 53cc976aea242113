//! Gives the movies that people upload a poster, and where browsers do not know what is inside, a copy that they play. The
//! originals stay as they are.

use crate::{
    Pace, Worker,
    convert::{PROGRAM_VERSION, recipe},
    ffmpeg::{Ffmpeg, Probed},
    may_pass, reuse, stem,
};
use archive::{
    derive::{Material, inputs_of, recipe_digest},
    labour::Trouble,
    reuse::inside,
};
use record::{
    derivative::{Derivative, DerivativeKind, MovieFacts, Recipe},
    file::{FilePath, StoredFile},
    id::RecordId,
    job::Failure,
    movie::{Plays, is_movie_file, is_web_container},
};
use serde_json::json;
use std::{collections::HashSet, path::Path};

/// Movies of one record that are looked at; all files are kept in any case.
const MOVIES_MAX: usize = 20;
/// Larger files are kept and not looked at.
const MOVIE_BYTES_MAX: u64 = 32 << 30;
/// Longest side of a poster and of a copy.
const POSTER_SIDE: u32 = 1280;
const COPY_SIDE: u32 = 1920;
/// The poster is taken this far in, or at a tenth of a short movie.
const POSTER_SECOND: f64 = 3.0;

pub(crate) async fn movies(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let all: Vec<&StoredFile> = material.files.iter().filter(|file| is_movie_file(&file.original.path)).collect();
    let (files, left_out) = all.split_at(all.len().min(MOVIES_MAX));
    if files.is_empty() {
        return Ok(());
    }
    let ffmpeg = Ffmpeg::find(worker.ffmpeg()).await;
    let mut stems = HashSet::new();
    let mut failed = Vec::new();
    for &file in files {
        let name = name_of(&mut stems, &file.original.path);
        match movie(worker, &material, file, &name, (ffmpeg.as_ref(), pace)).await {
            // The others are looked at all the same.
            Err(Trouble::NeedsAPerson(failure)) => failed.push(Failure { file: Some(file.original.path.to_string()), ..failure }),
            other => other?,
        }
    }
    let is_failed = !failed.is_empty();
    failed.extend(ffmpeg.is_none().then(no_ffmpeg).filter(|_| !is_failed));
    failed.extend(too_many(left_out));
    match Failure::of_all(failed) {
        Some(failure) if is_failed => Err(Trouble::NeedsAPerson(failure)),
        Some(reason) => Err(Trouble::Needless(reason)),
        None => Ok(()),
    }
}

fn no_ffmpeg() -> Failure {
    Failure::new(
        "This archive has no ffmpeg, so movies get no picture and no copy that every browser plays.",
        "MP4 and WebM files are shown as they are; others can be downloaded.",
    )
}

/// What is said of movies beyond those that are looked at.
fn too_many(left_out: &[&StoredFile]) -> Option<Failure> {
    let first = left_out.first()?;
    let what = format!("This movie and those behind it are not looked at: only the first {MOVIES_MAX} of a record are.");
    Some(Failure::new(what, "All files are kept and can be released as they are.").in_file(Some(first.original.path.to_string())))
}

/// What is made of `talk/clip.avi` is called `movie-talk-clip`; nothing that is made of volumes is called so.
fn name_of(taken: &mut HashSet<String>, path: &FilePath) -> String {
    let short = stem::short(&format!("movie-{}", stem::safe(path)));
    stem::free(taken, short)
}

/// What is to be done for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Browsers play it.
    Keep,
    /// They know the pictures, but not the container or the sound.
    Wrap,
    Encode,
}

fn plan(probed: &Probed, path: &FilePath) -> Plan {
    let is_webm = path.name().to_ascii_lowercase().ends_with("webm");
    let known = match probed.codec.as_str() {
        "h264" => !is_webm && probed.pixels == "yuv420p",
        "av1" | "vp9" => probed.pixels == "yuv420p",
        "vp8" => is_webm,
        _ => false,
    };
    let heard = match probed.sound.as_deref() {
        None | Some("opus") => true,
        Some("aac" | "mp3") => !is_webm,
        Some("vorbis") => is_webm,
        Some(_) => false,
    };
    match (known, probed.codec.as_str()) {
        (true, _) if heard && is_web_container(path) => Plan::Keep,
        (true, "h264") => Plan::Wrap,
        (false, "h264") if is_webm && probed.pixels == "yuv420p" => Plan::Wrap,
        _ => Plan::Encode,
    }
}

async fn movie(
    worker: &Worker,
    material: &Material,
    file: &StoredFile,
    stem: &str,
    (ffmpeg, pace): (Option<&Ffmpeg>, &Pace),
) -> Result<(), Trouble> {
    let (id, path) = (&material.record.id, &file.original.path);
    let inputs = inputs_of(std::slice::from_ref(file));
    let parameters = json!({ "source": path, "ffmpeg": ffmpeg.map(|ffmpeg| &ffmpeg.version), "longest_side": COPY_SIDE });
    let digest = recipe_digest("movies", PROGRAM_VERSION, &parameters, &inputs);
    let name = format!("{stem}.mp4");
    if reuse::is_made(worker, material, &digest, &name).await? {
        return Ok(());
    }
    let recipe = recipe("movies", parameters, inputs, digest);
    let bench = worker.bench()?;
    let mut made = Made { facts: unknown(path), poster: None, copy: None };
    let outcome = match ffmpeg {
        None => Ok(()),
        Some(_) if file.original.bytes > MOVIE_BYTES_MAX => Err(too_large(path)),
        Some(ffmpeg) => {
            let originals = bench.path().join("originals");
            let places = [(path.clone(), file.place.clone())];
            let fetched = worker.archive().store().fetch_originals(id, &places, &originals).await;
            fetched.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
            make(ffmpeg, (&originals.join(path.as_str()), path), bench.path(), &mut made, pace).await
        }
    };
    match outcome {
        Ok(()) => keep(worker, material, made, (stem, &name), &recipe).await?,
        // What could be made is shown all the same, and the file is offered; but it does not count as made, so that it can be tried again.
        Err(Trouble::NeedsAPerson(_)) => {
            let digest = recipe_digest("movies-failed", PROGRAM_VERSION, &recipe.parameters, &recipe.inputs);
            keep(worker, material, made, (stem, &name), &Recipe { digest, ..recipe }).await?;
        }
        Err(_) => {}
    }
    outcome
}

/// The files that wait on the bench, and what is known.
struct Made {
    facts: MovieFacts,
    poster: Option<(std::path::PathBuf, [u32; 2])>,
    copy: Option<std::path::PathBuf>,
}

/// What is known of a movie that nobody looked into.
fn unknown(path: &FilePath) -> MovieFacts {
    MovieFacts {
        width: 0,
        height: 0,
        seconds: 0.0,
        codec: String::new(),
        poster: String::new(),
        alt: path.to_string(),
        source: Some(path.clone()),
        plays: if is_web_container(path) { Plays::Original } else { Plays::Nowhere },
    }
}

fn too_large(path: &FilePath) -> Trouble {
    let failure = Failure::new("It is larger than the movies that are looked at.", "It is kept as it is.");
    Trouble::NeedsAPerson(failure.in_file(Some(path.to_string())))
}

async fn make(ffmpeg: &Ffmpeg, (file, path): (&Path, &FilePath), bench: &Path, made: &mut Made, pace: &Pace) -> Result<(), Trouble> {
    made.facts.plays = Plays::Nowhere;
    let probed = ffmpeg.look(file, path.as_str()).await?;
    let facts = &mut made.facts;
    (facts.width, facts.height, facts.seconds) = (probed.width, probed.height, probed.seconds);
    facts.codec = words_for(&probed.codec);
    match plan(&probed, path) {
        Plan::Keep => made.facts.plays = Plays::Original,
        Plan::Wrap => make_copy(ffmpeg, (file, path), bench, (made, &probed, None), pace).await?,
        Plan::Encode => make_copy(ffmpeg, (file, path), bench, (made, &probed, Some(probed.within(COPY_SIDE))), pace).await?,
    }
    // Last, so that a movie plays even if no picture can be had of it.
    let (poster, size) = (bench.join("poster.jpg"), probed.within(POSTER_SIDE));
    ffmpeg.poster(file, path.as_str(), &poster, size, POSTER_SECOND.min(probed.seconds / 10.0)).await?;
    if poster.exists() {
        made.poster = Some((poster, size));
    }
    Ok(())
}

/// A copy as every browser plays it; without a size the pictures stay as they are.
async fn make_copy(
    ffmpeg: &Ffmpeg,
    (file, path): (&Path, &FilePath),
    bench: &Path,
    (made, probed, size): (&mut Made, &Probed, Option<[u32; 2]>),
    pace: &Pace,
) -> Result<(), Trouble> {
    let copy = bench.join("copy.mp4");
    ffmpeg.copy((file, path.as_str()), &copy, size, probed.seconds, pace).await?;
    let facts = &mut made.facts;
    if let Some([width, height]) = size {
        (facts.width, facts.height) = (width, height);
    }
    (facts.plays, facts.codec) = (Plays::Copy, "H.264".into());
    made.copy = Some(copy);
    Ok(())
}

fn words_for(codec: &str) -> String {
    match codec {
        "h264" => "H.264".into(),
        "hevc" => "H.265".into(),
        other => other.to_ascii_uppercase(),
    }
}

/// Bytes first, rows after; the movie last, so that it tells that all is there.
async fn keep(worker: &Worker, material: &Material, made: Made, (stem, name): (&str, &str), recipe: &Recipe) -> Result<(), Trouble> {
    let id = &material.record.id;
    let derivative = |name: &str, kind, bytes, files| Derivative {
        name: name.to_owned(),
        kind,
        version: material.record.version,
        kept_in: None,
        recipe: recipe.clone(),
        bytes,
        files,
        made_at: worker.archive().now(),
    };
    let put = async |derivative: &Derivative, path: &Path| {
        let key = inside(id, derivative, &derivative.name);
        worker.archive().store().put_file(&key, path).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))
    };
    let size_of = |path: &Path| std::fs::metadata(path).map_or(0, |facts| facts.len());
    let mut facts = made.facts;
    if let Some((path, [width, height])) = made.poster {
        facts.poster = format!("{stem}.jpg");
        let kind = DerivativeKind::Picture { width, height, alt: facts.alt.clone(), source: facts.source.clone() };
        let poster = derivative(&facts.poster, kind, size_of(&path), 1);
        put(&poster, &path).await?;
        worker.archive().report_derivative(id, &poster).await?;
    }
    let bytes = made.copy.as_deref().map_or(0, size_of);
    let movie = derivative(name, DerivativeKind::Movie(facts), bytes, u64::from(made.copy.is_some()));
    if let Some(path) = &made.copy {
        put(&movie, path).await?;
    }
    Ok(worker.archive().report_derivative(id, &movie).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_made_only_of_what_browsers_do_not_play() {
        let probed = |codec: &str, pixels: &str, sound: Option<&str>| Probed {
            width: 640,
            height: 480,
            seconds: 3.0,
            codec: codec.into(),
            pixels: pixels.into(),
            sound: sound.map(str::to_owned),
        };
        for (codec, pixels, sound, path, expected) in [
            ("h264", "yuv420p", None, "a.mp4", Plan::Keep),
            ("h264", "yuv420p", Some("aac"), "a.MP4", Plan::Keep),
            ("h264", "yuv420p", Some("aac"), "a.mov", Plan::Wrap),
            ("h264", "yuv420p", Some("ac3"), "a.mp4", Plan::Wrap),
            ("h264", "yuv422p10le", None, "a.mp4", Plan::Encode),
            ("hevc", "yuv420p", None, "a.mp4", Plan::Encode),
            ("vp9", "yuv420p", Some("opus"), "a.webm", Plan::Keep),
            ("av1", "yuv420p", None, "a.mp4", Plan::Keep),
            ("vp9", "yuv420p", Some("opus"), "a.mkv", Plan::Encode),
            ("mpeg4", "yuv420p", Some("mp3"), "a.avi", Plan::Encode),
        ] {
            assert_eq!(plan(&probed(codec, pixels, sound), &path.parse().unwrap()), expected, "{codec} {pixels} {sound:?} {path}");
        }
    }

    #[test]
    fn no_two_movies_have_the_same_name() {
        let mut taken = HashSet::new();
        let mut named = |path: &str| name_of(&mut taken, &path.parse().unwrap());
        assert_eq!(named("talk/clip one.avi"), "movie-talk-clip-one");
        assert_eq!(named("talk/clip_one.mp4"), "movie-talk-clip_one");
        assert_eq!(named("talk/Clip-One.mov"), "movie-talk-Clip-One-2");
    }
}
