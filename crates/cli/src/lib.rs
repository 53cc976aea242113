//! One file per command. Results go to standard output, progress to standard error;
//! exit status 0 is done, 1 refused or failed, 2 wrong usage.

pub mod client;
pub mod deposit;
pub mod folder;
pub mod memory;
pub mod progress;
pub mod tus;
