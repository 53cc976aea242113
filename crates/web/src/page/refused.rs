//! The page of a refusal: what happened, what to do, where to go on.

use super::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct RefusedPage {
    pub(crate) s: Shell,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) hint: String,
    pub(crate) obstacles: Vec<&'static str>,
    pub(crate) back: Option<String>,
}
