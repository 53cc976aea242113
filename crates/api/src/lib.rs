//! The words on the wire, version 1: what the JSON API says and takes, and nothing that it does.
//! Server and client share these types; the OpenAPI document is made from them.

pub mod account;
pub mod file;
pub mod job;
pub mod ledger;
pub mod metadata;
pub mod print_kit;
pub mod problem;
pub mod picture;
pub mod publication;
pub mod question;
pub mod record;
pub mod search;
pub mod surface;
pub mod tie;
pub mod upload;
pub mod usage;
pub mod vocabulary;

pub use account::{CreateToken, MeView, NewToken, TokenView};
pub use file::{Check, CheckAnswer, CheckedPath, FilePage, FileView, FolderView, UnfinishedUpload};
pub use job::{EventView, FailureView, JobView};
pub use ledger::DoiStandingView;
pub use picture::PictureChoiceShape;
pub use print_kit::{AskForKit, KitView};
pub use problem::{FieldProblem, Problem};
pub use publication::EnterPublication;
pub use question::{AnswersShape, QuestionView};
pub use record::{
    AddMember, CreateRecord, DerivativeView, HoldingsView, Links, MemberView, ObstacleView, PatchRecord, PutRecord, ReadinessView,
    RecordPage, RecordView, ReviewerLink, Schedule, VersionView, Withdraw,
};
pub use search::{FacetValue, FacetView, SearchHit, SearchPage};
pub use surface::SurfaceChoiceShape;
pub use tie::{AnswerTie, TieList, TieView};
pub use upload::UploadView;
pub use usage::{UsageByAsker, UsageCount, UsageView};
pub use vocabulary::{Suggestion, Suggestions};
