//! A record on the wire, showing to each viewer what the table of access allows and no more.

use crate::{
    ledger::DoiStandingView,
    metadata::MetadataShape,
    picture::PictureChoiceShape,
    question::{self, AnswersShape, QuestionView},
    surface::SurfaceChoiceShape,
};
use record::{
    Record,
    access::{Aspect, Viewer, permits},
    derivative::Derivative,
    id::RecordId,
    instant::Instant,
    kind::Kind,
    metadata::Metadata,
    picture::PictureChoice,
    question::Answers,
    readiness::Obstacle,
    record::Holdings,
    state::State,
    surface::SurfaceChoice,
    team::Role,
    version::Version,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordView {
    pub id: String,
    #[schema(value_type = String, example = "tomography-biology")]
    pub kind: Kind,
    /// `draft`, `registered`, `released`, `published`, `withdrawn`, or `revising`: the draft of a next version.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// What the registrar of DOIs was told and answered; only for those who work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi_standing: Option<DoiStandingView>,
    pub version: u32,
    /// Counts changes; send it back as `revision` or `If-Match` when you change the record.
    pub revision: i64,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub changed_at: String,
    /// Since when the world knows of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub public_since: Option<String>,
    /// When the files were opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub released_at: Option<String>,
    /// When the files will open by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub release_at: Option<String>,
    /// The publication may open them earlier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens_with_publication: bool,
    /// Why it was withdrawn; only for those who may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
    #[schema(value_type = MetadataShape)]
    pub metadata: Metadata,
    /// Absent while the files are closed to you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdings: Option<HoldingsView>,
    /// What was made from the files; absent while they are closed to you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derivatives: Option<Vec<DerivativeView>>,
    /// Only for those who work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<ReadinessView>,
    /// What the files leave open; only for those who work on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionView>,
    /// What they said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AnswersShape>)]
    pub answers: Option<Answers>,
    /// How its owners want it to be seen, where they chose; only for those who work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PictureChoiceShape>)]
    pub picture: Option<PictureChoice>,
    /// How its owners want the surface of its volume to be made, where they chose; only for those who work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SurfaceChoiceShape>)]
    pub surface: Option<SurfaceChoice>,
    /// Only for those who work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Vec<MemberView>>,
    pub links: Links,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HoldingsView {
    pub files: u64,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished_uploads: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Links {
    /// This record in this API.
    pub api: String,
    /// The entry page.
    pub html: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// The page where its owners work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// All files as one ZIP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// Put the name of a format in place of `{format}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DerivativeView {
    pub name: String,
    /// `volume`, `model`, `picture` or `movie`.
    pub kind: String,
    pub url: String,
    pub bytes: u64,
    pub files: u64,
    /// The version of the record that it belongs to: `v1`.
    pub version: String,
    #[schema(format = DateTime)]
    pub made_at: String,
    /// Shape, element type, window, size: whatever a viewer must know first.
    #[schema(value_type = Object)]
    pub facts: serde_json::Value,
    /// How it was made; enough to make it again.
    #[schema(value_type = Object)]
    pub recipe: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    pub email: String,
    /// `owner` or `collaborator`.
    pub role: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReadinessView {
    /// Stands before `register`, for texts before `publish`.
    pub register: Vec<ObstacleView>,
    /// Stands before `release`.
    pub release: Vec<ObstacleView>,
    /// Fields that this kind requires.
    pub required: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ObstacleView {
    /// Stable, for programs: `title-missing`.
    pub code: String,
    pub field: String,
    pub says: String,
}

impl From<&Obstacle> for ObstacleView {
    fn from(obstacle: &Obstacle) -> Self {
        Self { code: obstacle.code.to_owned(), field: obstacle.field.to_owned(), says: obstacle.says.to_owned() }
    }
}

impl ReadinessView {
    pub fn new(register: &[Obstacle], release: &[Obstacle], required: &[&str]) -> Self {
        let views = |list: &[Obstacle]| list.iter().map(ObstacleView::from).collect();
        Self { register: views(register), release: views(release), required: required.iter().map(|field| (*field).to_owned()).collect() }
    }
}

impl DerivativeView {
    pub fn new(derivative: &Derivative, record_url: &str) -> Self {
        let facts = serde_json::to_value(&derivative.kind).unwrap_or_default();
        let url = match derivative.kind.name() {
            "volume" => format!("{record_url}/volumes/{}.ome.zarr/", derivative.name),
            "model" => format!("{record_url}/models/{}", derivative.name),
            _ => format!("{record_url}/pictures/{}", derivative.name),
        };
        Self {
            name: derivative.name.clone(),
            kind: derivative.kind.name().to_owned(),
            url,
            bytes: derivative.bytes,
            files: derivative.files,
            version: derivative.version.to_string(),
            made_at: derivative.made_at.to_string(),
            facts,
            recipe: serde_json::to_value(&derivative.recipe).unwrap_or_default(),
        }
    }
}

impl RecordView {
    /// `derivatives`, `readiness` and `doi_standing` are added by the caller for those who may see them.
    pub fn new(record: &Record, holdings: &Holdings, viewer: Viewer, base_url: &str) -> Self {
        let may = |aspect| permits(viewer, &record.state, aspect);
        let (released_at, withdrawn_because) = match &record.state {
            State::Released { released_at, .. } => (Some(released_at.to_string()), None),
            State::Published { published_at, .. } => (Some(published_at.to_string()), None),
            State::Withdrawn { reason, .. } => (None, may(Aspect::Inside).then(|| reason.clone())),
            State::Draft | State::Registered { .. } | State::Revising { .. } => (None, None),
        };
        Self {
            id: record.id.to_string(),
            kind: record.kind,
            state: record.state.name().to_owned(),
            doi: record.state.doi().map(ToString::to_string),
            doi_standing: None,
            version: record.version.0,
            revision: record.revision,
            created_at: record.created_at.to_string(),
            changed_at: record.changed_at.to_string(),
            public_since: record.state.public_since().map(|instant| instant.to_string()),
            released_at,
            release_at: record.state.release_at().map(|instant| instant.to_string()),
            opens_with_publication: record.state.opens_with_publication(),
            withdrawn_because,
            metadata: if may(Aspect::Metadata) { record.metadata.clone() } else { tombstone(record) },
            holdings: may(Aspect::FileNames).then_some(HoldingsView {
                files: holdings.files,
                bytes: holdings.bytes,
                unfinished_uploads: may(Aspect::Inside).then_some(holdings.unfinished_uploads),
            }),
            derivatives: None,
            readiness: None,
            questions: if may(Aspect::Inside) { record.questions.iter().map(QuestionView::from).collect() } else { Vec::new() },
            answers: if may(Aspect::Inside) { question::shown(&record.answers) } else { None },
            picture: Some(record.picture).filter(|picture| may(Aspect::Inside) && !picture.is_usual()),
            surface: Some(record.surface.clone()).filter(|surface| may(Aspect::Inside) && !surface.is_usual()),
            team: may(Aspect::Inside).then(|| record.team.iter().map(MemberView::from).collect()),
            links: Links::new(record, viewer, base_url),
        }
    }
}

/// What stays at a DOI when everything else is gone.
fn tombstone(record: &Record) -> Metadata {
    Metadata { title: record.metadata.title.clone(), creators: record.metadata.creators.clone(), ..Metadata::default() }
}

impl From<&record::team::Member> for MemberView {
    fn from(member: &record::team::Member) -> Self {
        Self { email: member.email.to_string(), role: member.role.name().to_owned() }
    }
}

impl Links {
    fn new(record: &Record, viewer: Viewer, base_url: &str) -> Self {
        let may = |aspect| permits(viewer, &record.state, aspect);
        let mut html = format!("{base_url}/records/{}", record.id);
        if matches!(record.state, State::Revising { .. }) {
            html = format!("{html}/{}", record.version);
        }
        let api = format!("{base_url}/api/v1/records/{}", record.id);
        Self {
            doi: record.state.doi().map(|doi| doi.url()),
            edit: may(Aspect::Change).then(|| format!("{base_url}/deposit/{}", record.id)),
            files: may(Aspect::FileNames).then(|| format!("{api}/files")),
            archive: may(Aspect::Bytes).then(|| format!("{html}/archive.zip")),
            export: may(Aspect::Metadata).then(|| format!("{api}/export/{{format}}")),
            api,
            html,
        }
    }
}

/// One version of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    pub version: u32,
    /// `released`, `published`, `withdrawn`, or `revising` for the draft of the next one.
    pub state: String,
    /// Its own DOI; the record's `doi` stands for all versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Since when it is open; for a draft, since when there is one.
    #[schema(format = DateTime)]
    pub since: String,
    /// Whether the record's own address shows it.
    pub is_current: bool,
    /// Its page; files, volumes, pictures and `archive.zip` are below this address and never change.
    pub html: String,
}

impl VersionView {
    pub fn new(id: &RecordId, version: Version, state: &State, since: Instant, is_current: bool, base_url: &str) -> Self {
        Self {
            version: version.0,
            state: state.name().to_owned(),
            doi: state.doi().filter(|_| state.was_open()).map(|doi| doi.for_version(version).to_string()),
            since: since.to_string(),
            is_current,
            html: format!("{base_url}/records/{id}/{version}"),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordPage {
    pub records: Vec<RecordView>,
    /// Hand it back as `after` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRecord {
    #[schema(value_type = String, example = "tomography-biology")]
    pub kind: Kind,
    #[serde(default)]
    #[schema(value_type = MetadataShape)]
    pub metadata: serde_json::Value,
}

/// Replaces the metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRecord {
    #[schema(value_type = MetadataShape)]
    pub metadata: serde_json::Value,
    /// The revision you read; refused when somebody changed the record since. `If-Match` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// Changes some of the metadata: an RFC 7396 merge patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchRecord {
    #[schema(value_type = Object)]
    pub metadata: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// RFC 3339; `null` waits for the owners.
    #[schema(format = DateTime)]
    pub release_at: Option<String>,
    /// Open earlier, when the publication is out that the owners confirmed; needs `release_at` as the latest time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_publication: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// For those who work on it; the tombstone does not show it to strangers.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    pub email: String,
    /// `owner` or `collaborator`.
    #[schema(value_type = String)]
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewerLink {
    /// Whoever holds it sees the files before they are released.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::instant::Instant;

    fn registered() -> Record {
        let metadata = Metadata { title: "Jaw".into(), description: "secret words".into(), ..Metadata::default() };
        let mut record =
            Record::draft("7h3k9x2q4".parse().unwrap(), Kind::TomographyBiology, "ada@example.org".parse().unwrap(), metadata, Instant(0));
        record.state = record.state.register("10.5072/science3d.7h3k9x2q4".parse().unwrap(), Instant(1)).unwrap();
        record
    }

    #[test]
    fn a_stranger_sees_no_files_of_a_registered_record() {
        let holdings = Holdings { files: 4711, bytes: 815, unfinished_uploads: 1 };
        let stranger = RecordView::new(&registered(), &holdings, Viewer::Anyone, "https://s.example");
        assert_eq!(
            (stranger.holdings, stranger.links.files.clone(), stranger.links.archive.clone(), stranger.team.clone()),
            (None, None, None, None)
        );
        assert!(!serde_json::to_string(&stranger).unwrap().contains("4711"));
        let owner = RecordView::new(&registered(), &holdings, Viewer::Owner, "https://s.example");
        assert_eq!(owner.holdings.unwrap().files, 4711);
        assert_eq!(owner.links.archive.unwrap(), "https://s.example/records/7h3k9x2q4/archive.zip");
    }

    #[test]
    fn a_tombstone_keeps_title_and_people_and_hides_the_rest() {
        let mut record = registered();
        record.state = record.state.withdraw("mixed-up samples".into(), Instant(2)).unwrap();
        let words = serde_json::to_string(&RecordView::new(&record, &Holdings::default(), Viewer::Anyone, "")).unwrap();
        assert!(words.contains("Jaw") && !words.contains("secret words") && !words.contains("mixed-up"));
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let refusal = serde_json::from_str::<CreateRecord>(r#"{"kind":"model","titel":"x"}"#).unwrap_err().to_string();
        assert!(refusal.contains("titel"), "{refusal}");
    }
}
