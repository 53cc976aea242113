//! The OpenAPI document, made from the same functions and types that answer.

use super::{
    account, files, pictures, print_kits, publications, questions, records, search, steps, surfaces, ties, uploads, versions, vocabularies,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Science 3D", version = "1", description = "Records of volumes and texts: make, describe, fill, register, release and find them. Errors are RFC 9457 problem documents with a hint."),
    paths(
        records::mine, records::create, records::copy, records::read, records::replace, records::patch, records::delete,
        records::readiness, records::jobs, records::retry, records::history, records::export, records::usage,
        steps::register, steps::publish, steps::release, steps::schedule, steps::withdraw,
        publications::enter,
        questions::answer,
        pictures::choose,
        surfaces::choose,
        print_kits::ask,
        versions::begin, versions::list, versions::read,
        steps::team, steps::invite, steps::dismiss, steps::reviewer_link,
        files::list, files::facts, files::remove, files::check, files::unfinished,
        uploads::capabilities, uploads::create, uploads::progress, uploads::append, uploads::terminate,
        account::me, account::tokens, account::create_token, account::revoke_token,
        search::search,
        ties::list,
        ties::answer,
        vocabularies::taxa,
        vocabularies::techniques,
        vocabularies::organisations,
        vocabularies::licences,
    ),
    tags(
        (name = "records", description = "Make, read and describe records"),
        (name = "life", description = "The steps of a record's life"),
        (name = "files", description = "What lies in a record; bytes are at /records/{id}/files/…"),
        (name = "uploads", description = "tus 1.0.0, resumable at any byte"),
        (name = "team", description = "Who works on a record"),
        (name = "account", description = "Who you are, and your tokens"),
        (name = "search", description = "Find public records"),
    ),
    security((), ("token" = [])),
    modifiers(&Bearer),
)]
pub(super) struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().security_schemes.insert("token".to_owned(), scheme.into());
    }
}
