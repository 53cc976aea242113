//! The one executable: reads the command line, puts the house together, opens the door.

mod admin;
mod assemble;
mod command;
mod config;
mod darkroom;
mod demo;
mod harvest;
mod keep;
mod logging;
mod serve;
mod setting;
mod sources;
mod ror;
mod taxa;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = command::Science3d::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("science3d: {fault:#}");
            ExitCode::FAILURE
        }
    }
}
