//! Other people's programs on strangers' files: a child with bounds on memory, processor time and what it writes, behind what the
//! server does itself, and with nothing of its environment.

use std::{ffi::OsStr, process::Command};

/// Such pieces a shell counts file sizes in.
const SHELL_BLOCK_BYTES: u64 = 512;

/// What a child may take. What it starts itself inherits them, and so ends even if it is left behind.
pub(crate) struct Bounds {
    /// Address space.
    pub(crate) memory_kib: u64,
    /// In any file that it writes; some shells count twice as many.
    pub(crate) file_bytes: u64,
    /// On all processors together.
    pub(crate) processor_seconds: u64,
}

impl Bounds {
    /// The program, by its path or a name in the usual folders. A shell sets the bounds and then becomes the program.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let Self { memory_kib, file_bytes, processor_seconds } = self;
        let blocks = file_bytes / SHELL_BLOCK_BYTES;
        let become_it = format!(
            "ulimit -v {memory_kib} && ulimit -f {blocks} && ulimit -t {processor_seconds} && ulimit -c 0 && exec nice -n 10 \"$0\" \"$@\""
        );
        let mut command = Command::new("/bin/sh");
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").arg("-c").arg(become_it).arg(program);
        command
    }
}
