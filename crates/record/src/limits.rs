//! A limit on everything, with names and reasons, in one place.

/// Inputs of a volume that its recipe lists one by one; of more it has their common sum.
pub const INPUTS_LISTED_MAX: usize = 1000;

/// Surfaces that are made of one volume at several grey values or of its labels: as many as a person tells apart in a list.
pub const SURFACES_MAX: usize = 16;
/// Rounds of smoothing of them.
pub const SURFACE_SMOOTHING_MAX: u32 = 50;

/// Handed to the doors; a test may hold smaller ones.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest single file: 5 TiB, what S3 can hold as one object.
    pub file_bytes_max: u64,
    pub files_per_record_max: u64,
    pub record_bytes_max: u64,
    /// Largest body of one PATCH that is not an upload, and of any JSON.
    pub json_bytes_max: usize,
    /// Unfinished uploads of one account.
    pub uploads_per_account_max: u64,
    /// Parts that are joined to one file.
    pub upload_parts_max: usize,
    /// An upload that nobody continued is removed after this long.
    pub upload_idle_seconds_max: i64,
    /// A connection must send its request head within this time.
    pub head_seconds_max: u64,
    /// A body that stands still for this long is given up; what arrived is kept.
    pub body_idle_seconds_max: u64,
    pub page_items_max: u32,
    pub metadata_bytes_max: usize,
    pub creators_max: usize,
    /// Failed sign-ins per address and per account within ten minutes.
    pub sign_in_attempts_max: u32,
    /// Sign-ups from one address within ten minutes: a class behind one router fits, a machine that tries names does not.
    pub sign_up_attempts_max: u32,
    /// Prints asked for from one address within ten minutes, and from everybody before one is answered.
    pub print_requests_max: u32,
    pub unanswered_prints_max: u64,
    /// Followings asked for, and letters to authors written, from one address within ten minutes.
    pub follow_requests_max: u32,
    pub letters_to_authors_max: u32,
    /// Letters to the authors of one record within ten minutes, whoever writes.
    pub letters_per_record_max: u32,
    /// Kits for a printer asked for from one address within ten minutes, waiting for one record, and kept of one version.
    pub print_kits_max: u32,
    pub print_kits_waiting_max: usize,
    pub print_kits_kept_max: usize,
    pub session_seconds: i64,
    pub link_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 5 << 40,
            files_per_record_max: 1_000_000,
            record_bytes_max: 50 << 40,
            json_bytes_max: 2 << 20,
            uploads_per_account_max: 10_000,
            upload_parts_max: 1000,
            upload_idle_seconds_max: 14 * 24 * 3600,
            head_seconds_max: 20,
            body_idle_seconds_max: 60,
            page_items_max: 200,
            metadata_bytes_max: 1 << 20,
            creators_max: 5000,
            sign_in_attempts_max: 10,
            sign_up_attempts_max: 40,
            print_requests_max: 5,
            unanswered_prints_max: 500,
            follow_requests_max: 10,
            letters_to_authors_max: 5,
            letters_per_record_max: 10,
            print_kits_max: 10,
            print_kits_waiting_max: 4,
            print_kits_kept_max: 12,
            session_seconds: 14 * 24 * 3600,
            link_seconds: 2 * 3600,
        }
    }
}
