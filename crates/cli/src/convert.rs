//! `science3d convert`: any volume in, OME-Zarr 0.5 out.

use crate::{
    input_sums::input_sums,
    progress::words_for_bytes,
    voxels::{AskedOptions, LabelsOption, VoxelSize, words_for_shape},
};
use anyhow::bail;
use serde_json::json;
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    sync::{Mutex, atomic::AtomicBool},
    time::{Duration, Instant},
};
use volume::{ConvertOptions, Converted, Planned, Progress, zarr::Codec};

#[derive(Debug, Clone, clap::Args)]
pub struct Convert {
    /// A file, or a folder of slices
    path: PathBuf,
    /// The volume to make, for example bone.ome.zarr
    out: PathBuf,
    #[command(flatten)]
    voxel_size: VoxelSize,
    #[command(flatten)]
    asked: AskedOptions,
    #[command(flatten)]
    labels: LabelsOption,
    /// Voxels of a chunk along each axis
    #[arg(long, default_value_t = ConvertOptions::default().chunk)]
    chunk: usize,
    /// Voxels of a shard along each axis
    #[arg(long, default_value_t = ConvertOptions::default().shard)]
    shard: usize,
    /// How chunks are packed: planes, zstd-1, blosc-zstd-3-bitshuffle, …
    #[arg(long, default_value_t = ConvertOptions::default().codec)]
    codec: Codec,
    /// Levels of the pyramid; by default halved until every axis is at most 64
    #[arg(long)]
    levels: Option<usize>,
    /// Threads; by default all cores
    #[arg(long)]
    threads: Option<usize>,
    /// Memory that it may take, in GiB; what needs more is refused before it begins
    #[arg(long, value_name = "GIB", default_value_t = (ConvertOptions::default().memory_bytes_max >> 30) as f64)]
    memory: f64,
    /// Replace OUT when it exists; it stays until the new volume is complete
    #[arg(long)]
    force: bool,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
    /// With --json also the sha256 of each input, for which all are read once more
    #[arg(long, requires = "json")]
    sums: bool,
}

impl Convert {
    pub fn run(self) -> anyhow::Result<()> {
        let options = self.options()?;
        // A wrong input must not cost the volume that is there.
        let planned = volume::plan(&self.path, &options)?;
        eprintln!("needs at most {} of memory, whatever the number of slices", words_for_bytes(planned.peak_memory_bytes));
        self.refuse_existing()?;
        let began = Instant::now();
        let display = Display::new(began);
        let converted = volume::convert(&self.path, &self.out, &options, &|progress| display.show(progress), &AtomicBool::new(false))?;
        display.end();
        let why = self.why_label(&planned, &converted);
        if self.json {
            let mut told = summary(&converted, began.elapsed());
            told["label_by"] = why.map(|(name, _)| name).into();
            if self.sums {
                let threads = self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
                told["inputs"] = input_sums(&self.path, &planned.header.files, threads)?.into();
            }
            println!("{told}");
        } else {
            println!(
                "{} voxels of {} in {} level{}, {} in {:.1} s: {}",
                words_for_shape(converted.shape),
                converted.element,
                converted.levels,
                if converted.levels == 1 { "" } else { "s" },
                words_for_bytes(converted.bytes_out),
                began.elapsed().as_secs_f64(),
                self.out.display()
            );
            why.into_iter().filter(|(name, _)| *name != "told").for_each(|(_, words)| eprintln!("{words}"));
            converted.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        }
        Ok(())
    }

    /// What decided that the voxels are labels, by its name and in words.
    fn why_label(&self, planned: &Planned, converted: &Converted) -> Option<(&'static str, &'static str)> {
        const BY_NAME: &str = "taken as labels by its name, so coarser levels keep the most frequent value; --labels no says otherwise";
        const BY_FILE: &str =
            "taken as labels since its file says so, so coarser levels keep the most frequent value; --labels no says otherwise";
        const BY_VALUES: &str = "taken as labels by its values, so coarser levels keep the most frequent value; --labels no says otherwise";
        match (self.labels.labels, planned.label) {
            (Some(_), _) => Some(("told", "")),
            (None, Some(true)) if planned.header.found.labels.is_some() => Some(("file", BY_FILE)),
            (None, Some(true)) => Some(("name", BY_NAME)),
            _ => converted.label.then_some(("values", BY_VALUES)),
        }
    }

    fn options(&self) -> anyhow::Result<ConvertOptions> {
        let name = self.out.file_name().map(|name| name.to_string_lossy().trim_end_matches(".zarr").trim_end_matches(".ome").to_owned());
        Ok(ConvertOptions {
            chunk: self.chunk,
            shard: self.shard,
            codec: self.codec,
            levels: self.levels,
            threads: self.threads,
            // Of a number that makes no sense nothing is allowed, and the refusal says so.
            memory_bytes_max: (self.memory * f64::from(1 << 30)) as u64,
            voxel_size_um: self.voxel_size.um()?,
            name: name.unwrap_or_default(),
            asked: self.asked.asked()?,
            label: self.labels.labels,
            replace: self.force,
            ..ConvertOptions::default()
        })
    }

    /// Before the first voxel is read, and in words that name the option.
    fn refuse_existing(&self) -> anyhow::Result<()> {
        if self.out.symlink_metadata().is_ok() && !self.force {
            bail!("{} exists; --force replaces it", self.out.display());
        }
        Ok(())
    }
}

/// How far it is, on standard error.
struct Display {
    began: Instant,
    terminal: bool,
    last: Mutex<Option<Instant>>,
}

impl Display {
    fn new(began: Instant) -> Self {
        Self { began, terminal: std::io::stderr().is_terminal(), last: Mutex::new(None) }
    }

    fn show(&self, progress: Progress) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let pause = if self.terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        if last.unwrap_or(self.began).elapsed() < pause {
            return;
        }
        *last = Some(Instant::now());
        let line = format!("{} of {}", words_for_bytes(progress.done), words_for_bytes(progress.total));
        // A lost terminal must not end the conversion.
        let _ = if self.terminal { write!(std::io::stderr(), "\r{line}\x1b[K") } else { writeln!(std::io::stderr(), "{line}") };
    }

    fn end(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn summary(converted: &Converted, elapsed: Duration) -> serde_json::Value {
    json!({
        "shape": converted.shape,
        "dtype": converted.element,
        "levels": converted.levels,
        "label": converted.label,
        "voxel_size_um": converted.voxel_size_um,
        "bytes_in": converted.bytes_in,
        "bytes_out": converted.bytes_out,
        "files": converted.files,
        "seconds": elapsed.as_secs_f64(),
        "peak_rss_bytes": crate::memory_use::peak_rss_bytes(),
        "peak_memory_bytes_planned": converted.peak_memory_bytes_planned,
        "resumed_planes": converted.resumed_planes,
        "warnings": converted.warnings,
        "statistics": converted.statistics,
    })
}
