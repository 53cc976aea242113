//! Makes the movies of a volume: the body once around, with the picture that stands for it until it plays, and a flight through the
//! slices; both with title and DOI.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, VOLUME, recipe},
    may_pass, portrait, reuse,
    store_keys::StoreKeys,
};
use archive::{derive::recipe_digest, labour::Trouble, reuse::inside};
use picture::{Camera, Caption, FilmOptions, Filmed, Format, ScenePlan, Transfer, Watch};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, MovieFacts, Recipe},
    id::RecordId,
    movie::Plays,
};
use serde_json::json;
use volume::Material;

const TURNTABLE: &str = "turntable.mp4";
const TURNTABLE_POSTER: &str = "turntable.jpg";
/// The slice through the middle, which is on the page anyway, stands for the flight.
const FLIGHT_POSTER: &str = "slice-z.jpg";

/// How large and long movies get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filming {
    pub width: usize,
    pub height: usize,
    pub frames: usize,
    pub frames_per_second: u32,
}

impl Filming {
    /// Eight seconds, without those of the title, that fit every screen.
    pub const USUAL: Filming = Filming { width: 1280, height: 720, frames: 192, frames_per_second: 24 };
}

struct Shot {
    turntable: Filmed,
    flight: Filmed,
    level: usize,
    preset: &'static str,
}

pub(crate) async fn movie(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(filming) = worker.filming() else { return Ok(()) };
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let record = material.record.clone();
    let Some(source) = material.derivatives.iter().find(|made| made.name == VOLUME && made.version == record.version) else {
        return Ok(());
    };
    // Of what looks the same everywhere nothing could be seen.
    if matches!(&source.kind, DerivativeKind::Volume(facts) if facts.emptiness().is_some()) {
        return Ok(());
    }
    let caption = caption(&record);
    let mut parameters = json!({
        "volume": source.recipe.digest, "kind": record.kind,
        "width": filming.width, "height": filming.height, "frames": filming.frames, "frames_per_second": filming.frames_per_second,
        "written": [caption.title, caption.by, caption.source],
    });
    portrait::write_into(&mut parameters, &record);
    let digest = recipe_digest("movie", PROGRAM_VERSION, &parameters, &source.recipe.inputs);
    if reuse::is_made(worker, &material, &digest, TURNTABLE).await? {
        return Ok(());
    }
    let keys = StoreKeys::new(worker.archive().store().clone(), id.clone(), source.clone());
    let (faults, its_pace, shown) = (keys.faults(), pace.clone(), record.clone());
    let work = move || shoot(keys, &shown, filming, caption, &its_pace).map_err(|trouble| faults.judge(trouble));
    let Shot { turntable, flight, level, preset } = apart("Making the movie", work).await?;
    // Told for people; the digest was taken of what was asked.
    parameters["look"] = json!(preset);
    parameters["level"] = json!(level);
    let recipe = recipe("movie", parameters, source.recipe.inputs.summed(), digest);
    let poster = picture::encode(&turntable.poster, Format::Jpeg).map_err(crate::needs_a_person)?;
    let (width, height) = (filming.width as u32, filming.height as u32);
    let alt = format!("{} as a body in the light, turned once around", record.title());
    let flown = format!("{}, slice by slice from bottom to top", record.title());
    let flight_facts = facts(filming, &flight, FLIGHT_POSTER, &flown);
    let turntable_facts = facts(filming, &turntable, TURNTABLE_POSTER, &alt);
    // The turntable comes last, as it tells that all is there.
    let made = [
        (record::movie::FLY_THROUGH, DerivativeKind::Movie(flight_facts), flight.bytes),
        (TURNTABLE_POSTER, DerivativeKind::Picture { width, height, alt, source: None }, poster),
        (TURNTABLE, DerivativeKind::Movie(turntable_facts), turntable.bytes),
    ];
    keep(worker, &record, &recipe, made).await
}

fn facts(filming: Filming, filmed: &Filmed, poster: &str, alt: &str) -> MovieFacts {
    MovieFacts {
        width: filming.width as u32,
        height: filming.height as u32,
        seconds: filmed.seconds,
        codec: "H.264".into(),
        poster: poster.into(),
        alt: alt.into(),
        source: None,
        plays: Plays::Copy,
    }
}

async fn keep(worker: &Worker, record: &Record, recipe: &Recipe, made: [(&str, DerivativeKind, Vec<u8>); 3]) -> Result<(), Trouble> {
    for (name, kind, bytes) in made {
        let derivative = Derivative {
            name: name.into(),
            kind,
            version: record.version,
            kept_in: None,
            recipe: recipe.clone(),
            bytes: bytes.len() as u64,
            files: 1,
            made_at: worker.archive().now(),
        };
        let key = inside(&record.id, &derivative, name);
        worker.archive().store().put(&key, bytes.into()).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        worker.archive().report_derivative(&record.id, &derivative).await?;
    }
    Ok(())
}

fn caption(record: &Record) -> Caption {
    let people: Vec<String> = record.metadata.creators.iter().map(record::agent::Person::sorted_name).collect();
    let by = match &people[..] {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one}; {other}"),
        [first, ..] => format!("{first} et al."),
    };
    let source = record.citable_doi().map(|doi| format!("doi:{doi}")).unwrap_or_default();
    Caption { title: record.title().to_owned(), by, source }
}

fn shoot(keys: StoreKeys, record: &Record, filming: Filming, caption: Caption, pace: &Pace) -> Result<Shot, volume::Trouble> {
    let volume = volume::zarr::Volume::open_keys(Box::new(keys))?;
    let material = Material::Volume(Box::new(volume));
    let statistics = material.statistics()?;
    let preset = portrait::preset(record.kind, &record.picture, &statistics);
    let (transfer, preset) =
        if material.is_label() { (Transfer::labels(), "labels") } else { (preset.transfer(&statistics, None), preset.name()) };
    let plan = ScenePlan::new(&material, transfer, picture::voxels_for(filming.height));
    let level = plan.level();
    let frames = filming.frames as u64;
    let scene = plan.build(&|_, _| pace.tell(0, 2 * frames))?;
    let options = FilmOptions {
        width: filming.width,
        height: filming.height,
        frames: filming.frames,
        frames_per_second: filming.frames_per_second,
        caption,
        // Nearer than the whole body it would leave the picture while it turns.
        camera: Camera { turning: true, zoom: (record.picture.zoom as f32).min(1.0), ..portrait::camera(&record.picture) },
        ground: portrait::ground(&record.picture),
        ..FilmOptions::default()
    };
    let watch = Watch { progress: &|done, total| pace.tell(done, 2 * total), stop: &pace.stop };
    let turntable = picture::turntable(&scene, &options, &watch)?;
    drop(scene);
    let watch = Watch { progress: &|done, total| pace.tell(total + done, 2 * total), stop: &pace.stop };
    let flight = picture::fly_through(&material, &statistics, &options, &watch)?;
    Ok(Shot { turntable, flight, level, preset })
}
