//! Every word that a page says, in English and German. A missing translation does not compile.

/// A struct of words and its two languages, from lines `name: "English" | "German";`.
/// It may hold further tables in each language.
macro_rules! words {
    (pub(crate) struct $table:ident, $in_english:ident, $in_german:ident; $([$field:ident: $held:ty = $held_english:expr, $held_german:expr])* $($name:ident: $english:literal | $german:literal;)*) => {
        pub(crate) struct $table {
            $(pub(crate) $field: &'static $held,)*
            $(pub(crate) $name: &'static str,)*
        }
        pub(super) static $in_english: $table = $table { $($field: $held_english,)* $($name: $english,)* };
        pub(super) static $in_german: $table = $table { $($field: $held_german,)* $($name: $german,)* };
    };
}
mod deposit;
mod follow;
mod model;
mod picture;
mod publication;
mod dois;
mod question;
mod site;
mod surface;

pub(crate) use {dois::DoiWords, follow::FollowWords, model::ModelWords, picture::PictureWords, site::Words, surface::SurfaceWords};

use crate::{display, language::Language};

impl Words {
    pub(crate) fn of(language: Language) -> &'static Words {
        match language {
            Language::English => &site::ENGLISH,
            Language::German => &site::GERMAN,
        }
    }

    pub(crate) fn count_records(&self, count: u64, language: Language) -> String {
        counted(count, language, self.one_record, self.many_records)
    }

    pub(crate) fn count_files(&self, count: u64, language: Language) -> String {
        counted(count, language, self.one_file, self.many_files)
    }

    pub(crate) fn in_minutes(&self, minutes: u64, language: Language) -> String {
        counted(minutes.max(1), language, self.one_minute, self.many_minutes)
    }

    /// A job at work, by its name.
    pub(crate) fn job(&self, name: &str) -> &'static str {
        match name {
            "inspect" => self.job_inspect,
            "look" => self.job_look,
            "convert" => self.job_convert,
            "preview" => self.job_preview,
            "surface" => self.job_surface,
            "movie" => self.job_movie,
            "models" => self.job_models,
            "movies" => self.job_movies,
            "print-kit" => self.job_print_kit,
            "preserve" => self.job_preserve,
            "register-doi" => self.job_register_doi,
            "compare-dois" => self.job_compare_dois,
            "retire-doi" => self.job_retire_doi,
            "release-on-date" => self.job_release_on_date,
            "harvest" => self.job_harvest,
            "find-ties" => self.job_find_ties,
            "send-mail" => self.job_send_mail,
            "tell-followers" => self.job_tell_followers,
            _ => self.job_sweep,
        }
    }

    pub(crate) fn job_failed(&self, name: &str) -> &'static str {
        match name {
            "inspect" => self.failed_inspect,
            "convert" => self.failed_convert,
            "preview" => self.failed_preview,
            "surface" => self.failed_surface,
            "movie" => self.failed_movie,
            "models" => self.failed_models,
            "movies" => self.failed_movies,
            "print-kit" => self.failed_print_kit,
            "preserve" => self.failed_preserve,
            "register-doi" => self.failed_register_doi,
            _ => self.failed_other,
        }
    }

    /// A job that had nothing to make, by its name.
    pub(crate) fn job_needless(&self, name: &str) -> &'static str {
        match name {
            "convert" => self.no_volume,
            "surface" => self.no_surface,
            "models" => self.models_kept,
            "movies" => self.no_ffmpeg,
            "print-kit" => self.no_kit,
            name => self.job(name),
        }
    }
}

fn counted(count: u64, language: Language, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", display::number(count, language), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let english = Words::of(Language::English);
        assert_eq!(english.count_files(1, Language::English).replace('\u{a0}', " "), "1 file");
        assert_eq!(Words::of(Language::German).count_records(1204, Language::German).replace('\u{a0}', " "), "1.204 Einträge");
    }

    #[test]
    fn all_months_have_names() {
        for language in [Language::English, Language::German] {
            assert_eq!(Words::of(language).months.split(' ').count(), 12);
        }
    }
}
