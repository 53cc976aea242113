//! Reads every source file and complains where the house rules of CONTRIBUTING.md are broken.

use std::path::{Path, PathBuf};

const LINES_BEFORE_TESTS_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const FORBIDDEN_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "manager", "service"];

struct Source {
    /// From the root of the repository.
    name: String,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        self.name.contains("/tests/")
            || self.name.starts_with("crates/testbed/")
            || self.name.contains("/examples/")
            || self.name.ends_with("tests.rs")
            || self.belongs_to_tests()
    }
    /// A file that its parent names under `#[cfg(test)]`.
    fn belongs_to_tests(&self) -> bool {
        let path = Path::new(&self.name);
        let (Some(folder), Some(stem)) = (path.parent(), path.file_stem().and_then(|stem| stem.to_str())) else { return false };
        ["lib.rs", "main.rs", "mod.rs"].iter().any(|parent| {
            let text = std::fs::read_to_string(root().join(folder).join(parent)).unwrap_or_default();
            text.contains(&format!("#[cfg(test)]\nmod {stem};"))
        })
    }
    /// Everything before the tests at its end.
    fn before_tests(&self) -> &str {
        self.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or("")
    }
}

fn root() -> PathBuf {
    PathBuf::from("../..")
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push(Source { name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() > 50, "the sources are not where they were");
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn complain(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn every_file_says_why_it_exists() {
    let silent: Vec<String> = sources().into_iter().filter(|source| !source.text.starts_with("//!")).map(|source| source.name).collect();
    complain("a file begins with //! and says why it exists", &silent);
}

#[test]
fn names_say_what_is_inside() {
    let stem = |source: &Source| Path::new(&source.name).file_stem().unwrap().to_str().unwrap().to_owned();
    let vague: Vec<String> =
        sources().into_iter().filter(|source| FORBIDDEN_NAMES.contains(&stem(source).as_str())).map(|source| source.name).collect();
    complain("a file is named after what it holds", &vague);
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| !source.is_test())
        .map(|source| (source.before_tests().lines().count(), &source.name))
        .filter(|(lines, _)| *lines > LINES_BEFORE_TESTS_MAX)
        .map(|(lines, name)| format!("{name}: {lines} lines before its tests"))
        .collect();
    complain("a file has at most 400 lines before its tests", &long);
}

/// A function ends at the closing brace that stands as far to the left as it began.
fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.before_tests().lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let words = line.trim_start();
        let is_function =
            ["fn ", "pub fn ", "pub(crate) fn ", "async fn ", "pub async fn ", "pub(crate) async fn ", "pub const fn ", "unsafe fn "]
                .iter()
                .any(|opening| words.starts_with(opening));
        if !is_function {
            continue;
        }
        let indent = &line[..line.len() - words.len()];
        let closing = format!("{indent}}}");
        let end = lines[start..]
            .iter()
            .position(|line| **line == closing || line.ends_with("}") && line.trim_start() == words && words.ends_with('}'));
        if let Some(length) = end.filter(|length| *length >= FUNCTION_LINES_MAX) {
            found.push(format!("{}:{}: {} lines", source.name, start + 1, length + 1));
        }
    }
    found
}

#[test]
fn functions_are_short() {
    let long: Vec<String> = sources().iter().filter(|source| !source.is_test()).flat_map(long_functions).collect();
    complain("a function has at most 70 lines", &long);
}

#[test]
fn an_unwrap_is_proved_or_absent() {
    let mut unproved = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let lines: Vec<&str> = source.before_tests().lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if !code.contains(".unwrap()") && !code.contains("panic!(") && !code.contains("unreachable!(") {
                continue;
            }
            let proved =
                line.contains("//") || lines[number.saturating_sub(3)..number].iter().any(|above| above.trim_start().starts_with("//"));
            if !proved && !line.trim_start().starts_with("//") {
                unproved.push(format!("{}:{}: {}", source.name, number + 1, line.trim()));
            }
        }
    }
    complain("outside tests an unwrap() has a comment that proves it", &unproved);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let allowed = |name: &str| name == "crates/science3d/src/config.rs" || name.ends_with("build.rs");
    let reads = |source: &Source| {
        source.before_tests().lines().any(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains("env::var(") || line.contains("env::vars") || line.contains("env::var_os("))
        })
    };
    let others: Vec<String> = sources()
        .iter()
        .filter(|source| !source.is_test() && !allowed(&source.name) && reads(source))
        .map(|source| source.name.clone())
        .collect();
    complain("only science3d::config reads the environment", &others);
}

#[test]
fn work_is_finished_or_in_the_tracker() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), "todo!(", "dbg!("];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !source.name.ends_with("tidy.rs")) {
        for (number, line) in source.text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                found.push(format!("{}:{}: {}", source.name, number + 1, line.trim()));
            }
        }
    }
    complain("nothing is left for later inside the code", &found);
}
