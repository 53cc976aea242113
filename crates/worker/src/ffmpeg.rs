//! ffmpeg, where the operator has it, for movies that people upload. It reads strangers' bytes with hundreds of decoders, so it
//! runs apart: a process of its own with bounds on time, memory and what it writes, an empty environment, one file to read by
//! formats that name no other files, and no protocol that reaches a network. What it says is cut short.

use crate::{Pace, bounded::Bounds, may_pass};
use archive::labour::Trouble;
use record::job::Failure;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, Command},
};

/// On the clock.
const SECONDS: u64 = 2 * 3600;
/// A few pictures of 4K fit.
const BOUNDS: Bounds = Bounds { memory_kib: 3 << 20, file_bytes: 4 << 30, processor_seconds: 2 * SECONDS };
const PROBE_SECONDS: u64 = 60;
/// What it says is read so far.
const SAID_BYTES_MAX: u64 = 1 << 20;
const COMPLAINT_CHARS_MAX: usize = 300;
/// Containers that hold what they show, and name no other files or addresses.
const FORMATS: &str = "mov,mp4,matroska,webm,avi,mpeg,mpegts,asf,ogg,flv,m4v,mpegvideo,h264,hevc,ivf,dv,gif";

#[derive(Debug, Clone)]
pub(crate) struct Ffmpeg {
    program: String,
    probe: String,
    /// `7.1.2`, for the recipe.
    pub(crate) version: String,
}

/// What is known of a movie.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Probed {
    /// As it is shown: square pixels, turned upright.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) seconds: f64,
    pub(crate) codec: String,
    pub(crate) pixels: String,
    /// Of its sound, if it has any.
    pub(crate) sound: Option<String>,
}

impl Ffmpeg {
    /// The program with its sister `ffprobe` beside it; nothing when it does not answer.
    pub(crate) async fn find(program: &str) -> Option<Self> {
        if program.is_empty() {
            return None;
        }
        let path = PathBuf::from(program);
        let name = path.file_name()?.to_str()?.replace("ffmpeg", "ffprobe");
        let probe = path.with_file_name(name).to_str()?.to_owned();
        let mut found = Self { program: program.to_owned(), probe, version: String::new() };
        let said = found.hear(&found.program, &["-hide_banner", "-version"]).await.ok()?;
        found.hear(&found.probe, &["-hide_banner", "-version"]).await.ok()?;
        found.version = said.split_whitespace().nth(2)?.split(['-', '+']).next()?.chars().take(20).collect();
        Some(found)
    }

    pub(crate) async fn look(&self, file: &Path, name: &str) -> Result<Probed, Trouble> {
        let shown = "stream=codec_type,codec_name,pix_fmt,width,height,sample_aspect_ratio:stream_side_data=rotation:format=duration";
        let mut args = vec!["-v", "error"];
        args.extend(INPUT_BOUNDS);
        let input = input(file);
        args.extend(["-show_entries", shown, "-of", "json", "-i", &input]);
        let said = self.hear(&self.probe, &args).await.map_err(|complaint| cannot(name, file, &complaint))?;
        let said: Value = serde_json::from_str(&said).map_err(|error| cannot(name, file, &error.to_string()))?;
        Probed::of(&said).ok_or_else(|| cannot(name, file, "there are no pictures in it"))
    }

    /// One picture from its beginning that is not just black, as JPEG.
    pub(crate) async fn poster(&self, file: &Path, name: &str, out: &Path, size: [u32; 2], at_second: f64) -> Result<(), Trouble> {
        let (input, second, filter) = (input(file), format!("{at_second:.2}"), format!("thumbnail=30,{}", scaled(size)));
        let mut args = BEGIN.to_vec();
        args.extend(["-ss", &second]);
        args.extend(INPUT_BOUNDS);
        args.extend(["-i", &input, "-map", "0:v:0", "-frames:v", "1", "-vf", &filter, "-q:v", "3", "-f", "mjpeg"]);
        let out = out.display().to_string();
        args.push(&out);
        self.hear(&self.program, &args).await.map(drop).map_err(|complaint| cannot(name, file, &complaint))
    }

    /// A copy that every browser plays. `size` is nothing where the pictures stay as they are and only the container changes.
    pub(crate) async fn copy(
        &self,
        (file, name): (&Path, &str),
        out: &Path,
        size: Option<[u32; 2]>,
        seconds: f64,
        pace: &Pace,
    ) -> Result<(), Trouble> {
        let (input, output) = (input(file), out.display().to_string());
        let filter = size.map(|size| format!("{},format=yuv420p", scaled(size)));
        let mut args = BEGIN.to_vec();
        args.extend(["-progress", "pipe:1"]);
        args.extend(INPUT_BOUNDS);
        args.extend(["-i", &input, "-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1"]);
        match &filter {
            Some(filter) => args.extend(["-vf", filter, "-c:v", "libx264", "-profile:v", "high", "-preset", "veryfast", "-crf", "22"]),
            None => args.extend(["-c:v", "copy"]),
        }
        args.extend(["-threads", "2", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart", "-f", "mp4", &output]);
        let mut child =
            bounded(&self.program, &args).spawn().map_err(|error| may_pass(format!("ffmpeg could not be started: {error}."), ""))?;
        let (said, errors) = (child.stdout.take(), child.stderr.take());
        let total = (seconds * 1000.0) as u64;
        let told = async {
            let Some(said) = said else { return };
            let mut lines = BufReader::new(said).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(at) = line.strip_prefix("out_time_us=").and_then(|at| at.parse::<u64>().ok()) {
                    pace.tell((at / 1000).min(total), total);
                }
            }
        };
        let ((), complaint, ended) = tokio::join!(told, heard(errors), within(&mut child, SECONDS));
        ended.map_err(|ended| cannot(name, file, if complaint.is_empty() { ended } else { &complaint }))
    }

    /// What the program says, or what it complains about.
    async fn hear(&self, program: &str, args: &[&str]) -> Result<String, String> {
        let mut child = bounded(program, args).spawn().map_err(|error| error.to_string())?;
        let (said, errors) = (child.stdout.take(), child.stderr.take());
        let (said, complaint, ended) = tokio::join!(heard(said), heard(errors), within(&mut child, PROBE_SECONDS));
        match ended {
            Ok(()) => Ok(said),
            Err(ended) if complaint.trim().is_empty() => Err(ended.to_owned()),
            Err(_) => Err(complaint),
        }
    }
}

const BEGIN: [&str; 7] = ["-hide_banner", "-nostdin", "-v", "error", "-y", "-threads", "2"];
const INPUT_BOUNDS: [&str; 4] = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS];

/// Always a file, whatever its name looks like.
fn input(file: &Path) -> String {
    format!("file:{}", file.display())
}

fn scaled([width, height]: [u32; 2]) -> String {
    format!("scale={width}:{height}:flags=bicubic,setsar=1")
}

fn bounded(program: &str, args: &[&str]) -> Command {
    let mut command = Command::from(BOUNDS.command(program.as_ref()));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// All that is said is taken, so that nobody waits for a full pipe; only the beginning is kept.
async fn heard(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let mut bytes = Vec::new();
    let _ = (&mut pipe).take(SAID_BYTES_MAX).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How it ended, where it did not end well.
async fn within(child: &mut Child, seconds: u64) -> Result<(), &'static str> {
    match tokio::time::timeout(Duration::from_secs(seconds), child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) if status.code().is_none() => Err("it used more time, memory or room than is allowed"),
        Ok(_) => Err("it failed without a word"),
        Err(_) => {
            let _ = child.kill().await;
            Err("it took too long")
        }
    }
}

/// In words that name the file as its owner does, and no place of this machine.
fn cannot(name: &str, file: &Path, complaint: &str) -> Trouble {
    let line = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let line = plainly(complaint).unwrap_or(line);
    let line = line.replace(&input(file), name).replace(&file.display().to_string(), name);
    let folder = file.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let line = line.replace(&folder, "");
    let line = line.trim().trim_start_matches(&format!("{name}: ")).trim_end_matches('.');
    let line: String = line.chars().take(COMPLAINT_CHARS_MAX).collect();
    let failure =
        Failure::new(format!("No copy that browsers play could be made: {line}."), "The file is kept as it is and can be downloaded.");
    Trouble::NeedsAPerson(failure.in_file(Some(name.to_owned())))
}

/// What ffmpeg says most often, for people.
fn plainly(complaint: &str) -> Option<&'static str> {
    let known = [
        ("not on whitelist", "it is of a kind that is not read here, such as a list of other files"),
        ("moov atom not found", "its end is missing"),
        ("Invalid data found", "it is damaged, or no movie"),
        ("Unknown encoder 'libx264'", "this server's ffmpeg cannot write H.264"),
    ];
    known.into_iter().find(|(said, _)| complaint.contains(said)).map(|(_, plain)| plain)
}

impl Probed {
    fn of(said: &Value) -> Option<Self> {
        let streams = said["streams"].as_array()?;
        let of_kind = |kind: &str| streams.iter().find(|stream| stream["codec_type"] == kind);
        let pictures = of_kind("video")?;
        let text = |stream: &Value, key: &str| stream[key].as_str().unwrap_or_default().chars().take(40).collect::<String>();
        let side = |key: &str| pictures[key].as_u64().and_then(|side| u32::try_from(side).ok()).filter(|side| (1..=32_768).contains(side));
        let (width, height) = (side("width")?, side("height")?);
        let aspect = pictures["sample_aspect_ratio"].as_str().and_then(|ratio| {
            let (across, down) = ratio.split_once(':')?;
            let (across, down): (f64, f64) = (across.parse().ok()?, down.parse().ok()?);
            Some(across / down).filter(|aspect| (0.1..=10.0).contains(aspect))
        });
        let width = (f64::from(width) * aspect.unwrap_or(1.0)).round() as u32;
        let turned = pictures["side_data_list"].as_array().into_iter().flatten().find_map(|data| data["rotation"].as_f64());
        let lies = turned.is_some_and(|degrees| (degrees.rem_euclid(180.0) - 90.0).abs() < 1.0);
        let (width, height) = if lies { (height, width) } else { (width, height) };
        let seconds = said["format"]["duration"].as_str().and_then(|text| text.parse::<f64>().ok());
        Some(Self {
            width,
            height,
            seconds: seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0).unwrap_or(0.0),
            codec: text(pictures, "codec_name"),
            pixels: text(pictures, "pix_fmt"),
            sound: of_kind("audio").map(|sound| text(sound, "codec_name")),
        })
    }

    /// Its size in even numbers, at most so large.
    pub(crate) fn within(&self, longest: u32) -> [u32; 2] {
        let factor = (f64::from(longest) / f64::from(self.width.max(self.height))).min(1.0);
        [self.width, self.height].map(|side| ((f64::from(side) * factor / 2.0).round() as u32 * 2).max(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_ffprobe_says_is_read_and_nonsense_is_none() {
        let stream = json!({"codec_type": "video", "codec_name": "h264", "pix_fmt": "yuv420p", "width": 720, "height": 576,
            "sample_aspect_ratio": "16:15", "side_data_list": [{"rotation": -90}]});
        let said = json!({"streams": [{"codec_type": "audio", "codec_name": "aac"}, stream], "format": {"duration": "12.500000"}});
        let probed = Probed::of(&said).unwrap();
        assert_eq!((probed.width, probed.height, probed.seconds), (576, 768, 12.5));
        assert_eq!((probed.codec.as_str(), probed.sound.as_deref()), ("h264", Some("aac")));
        assert_eq!(probed.within(384), [288, 384]);
        for bad in [json!({}), json!({"streams": []}), json!({"streams": [{"codec_type": "video", "width": 0, "height": 1}]})] {
            assert_eq!(Probed::of(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_complaint_names_the_file_and_no_folder() {
        let file = Path::new("/srv/scratch/x7/originals/clip.avi");
        let said = |complaint: &str| cannot("clip.avi", file, complaint).into_failure().to_string();
        let begins = "clip.avi: No copy that browsers play could be made: ";
        let strange = said("noise\nfile:/srv/scratch/x7/originals/clip.avi: Strange\nfile:/srv/scratch/x7/originals/clip.avi: Stranger.\n");
        assert!(strange.starts_with(&format!("{begins}Stranger. ")) && !strange.contains("/srv"), "{strange}");
        let damaged = said("file:/srv/scratch/x7/originals/clip.avi: Invalid data found when processing input");
        assert!(damaged.starts_with(&format!("{begins}it is damaged, or no movie. ")), "{damaged}");
    }

    #[tokio::test]
    async fn a_child_has_no_environment_and_cannot_take_more_than_its_bounds() {
        let shell = Ffmpeg { program: "/bin/sh".into(), probe: String::new(), version: String::new() };
        let hear = async |script: &str| shell.hear("/bin/sh", &["-c", script]).await;
        let said = hear("echo \"[$HOME$USER]\"; ulimit -v; ulimit -c").await.unwrap();
        assert_eq!(said, format!("[]\n{}\n0\n", BOUNDS.memory_kib));
        assert_eq!(hear("echo too bad >&2; exit 3").await.unwrap_err().trim(), "too bad");
        assert_eq!(hear("kill -9 $$").await.unwrap_err(), "it used more time, memory or room than is allowed");
        assert!(Ffmpeg::find("/nowhere/ffmpeg").await.is_none() && Ffmpeg::find("").await.is_none());
    }
}
