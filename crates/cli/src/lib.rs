//! One file per command. Results go to standard output, progress to standard error;
//! exit status 0 is done, 1 refused or failed, 2 wrong usage.

pub mod inspect;
pub mod convert;
pub mod mesh;
pub mod render;
pub mod cut;
pub mod deposit;
mod description;
pub mod demonstration;

pub mod client;
pub mod tus;
pub mod folder;
pub mod memory;
mod input_sums;
mod memory_use;
mod model;
pub mod progress;
mod question;
mod send;
mod voxels;
mod whole_file;
