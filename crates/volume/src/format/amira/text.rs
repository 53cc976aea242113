//! The text of an AmiraMesh header: definitions, parameters in braces, and the arrays that follow.

use crate::format::stored::Encoding;

/// `Lattice { ushort Data } @1(HxZip,1234)`
#[derive(Debug, Clone)]
pub(super) struct Array {
    /// What it lies on.
    pub(super) on: String,
    /// "byte", "float[3]", …
    pub(super) kind: String,
    pub(super) name: String,
    /// The number of its section.
    pub(super) number: u32,
    /// Nothing: a compression that is not known.
    pub(super) encoding: Option<Encoding>,
    pub(super) packed_bytes: Option<u64>,
}

pub(super) struct Text {
    pub(super) big_endian: bool,
    /// x, y, z.
    pub(super) lattice: Option<[u64; 3]>,
    pub(super) definitions: Vec<String>,
    pub(super) arrays: Vec<Array>,
    /// The byte where the sections begin.
    pub(super) ends_at: u64,
    /// Parameters: the braces around them, their name, their values.
    parameters: Vec<(String, String, Vec<String>)>,
}

/// Parameters beyond this are not kept, nor braces inside of braces.
const PARAMETERS_MAX: usize = 20_000;
const DEPTH_MAX: usize = 64;

impl Text {
    /// Nothing when the header does not end.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let end = head.windows(2).position(|window| window == b"\n@").map(|at| at + 1)?;
        // The number of an array at its definition stands behind braces, never at the beginning of a line.
        let text = String::from_utf8_lossy(&head[..end]);
        let mut lines = text.lines();
        let first = lines.next()?;
        let ascii = first.contains("ASCII");
        let mut parsed = Self {
            big_endian: !first.contains("LITTLE-ENDIAN"),
            lattice: None,
            definitions: Vec::new(),
            arrays: Vec::new(),
            ends_at: end as u64,
            parameters: Vec::new(),
        };
        let plain = if ascii { Encoding::Ascii } else { Encoding::Raw };
        parsed.read_body(&tokens(lines), plain);
        Some(parsed)
    }

    fn read_body(&mut self, tokens: &[String], plain: Encoding) {
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "define" | "nNodes" | "nTriangles" => {
                    let sizes: Vec<u64> = tokens[at + 1..].iter().skip(1).take(8).map_while(|token| token.parse().ok()).collect();
                    let name = tokens.get(at + 1).cloned().unwrap_or_default();
                    if name == "Lattice" {
                        self.lattice = <[u64; 3]>::try_from(sizes.clone()).ok();
                    }
                    self.definitions.push(name);
                    at += 2 + sizes.len();
                }
                "Parameters" | "Materials" if tokens.get(at + 1).is_some_and(|token| token == "{") => at = self.read_parameters(tokens, at),
                _ => at = self.read_array(tokens, at, plain),
            }
        }
    }

    /// Reads until the brace that was opened behind `at` closes; returns what follows.
    fn read_parameters(&mut self, tokens: &[String], at: usize) -> usize {
        let mut around = vec![tokens[at].clone()];
        let mut at = at + 2;
        let mut key = String::new();
        while at < tokens.len() && !around.is_empty() {
            let token = &tokens[at];
            match token.as_str() {
                "{" if around.len() < DEPTH_MAX => around.push(std::mem::take(&mut key)),
                "{" => return tokens.len(),
                "}" => {
                    around.pop();
                }
                _ if token.starts_with(['"', '-', '+', '.']) || token.starts_with(|sign: char| sign.is_ascii_digit()) => {
                    if let Some((_, _, values)) = self.parameters.last_mut().filter(|(_, name, _)| *name == key) {
                        values.push(token.trim_matches('"').to_string());
                    }
                }
                name if self.parameters.len() < PARAMETERS_MAX => {
                    key = name.to_string();
                    self.parameters.push((around.last().cloned().unwrap_or_default(), key.clone(), Vec::new()));
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// `On { kind name } @1` or `On { kind name } = @1(HxZip,1234)`; returns what follows.
    fn read_array(&mut self, tokens: &[String], at: usize, plain: Encoding) -> usize {
        let [on, open, kind, name, close, rest @ ..] = &tokens[at..] else { return tokens.len() };
        if open != "{" || close != "}" {
            return at + 1;
        }
        let equals = usize::from(rest.first().is_some_and(|token| token == "="));
        let Some(place) = rest.get(equals).and_then(|token| token.strip_prefix('@')) else { return at + 5 };
        let digits = place.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(place.len());
        let Ok(number) = place[..digits].parse() else { return at + 5 };
        // Tokens are cut at commas: "@1(HxZip" and "1234)".
        let packing = place[digits..].trim_matches(['(', ')']);
        let packed_bytes = rest.get(equals + 1).and_then(|token| token.strip_suffix(')')).and_then(|bytes| bytes.parse().ok());
        let packed_bytes = packed_bytes.filter(|_| !packing.is_empty());
        let encoding = match packing {
            "" => Some(plain),
            "HxByteRLE" => Some(Encoding::ByteRuns),
            "HxZip" => Some(Encoding::Zlib),
            _ => None,
        };
        self.arrays.push(Array { on: on.clone(), kind: kind.clone(), name: name.clone(), number, encoding, packed_bytes });
        at + 6 + equals + usize::from(packed_bytes.is_some())
    }

    fn values(&self, around: &str, name: &str) -> Option<&[String]> {
        let fits = |(braces, key, _): &&(String, String, Vec<String>)| braces == around && key == name;
        self.parameters.iter().find(fits).map(|(_, _, values)| &values[..])
    }

    /// Whether labels have names.
    pub(super) fn has_materials(&self) -> bool {
        self.parameters.iter().any(|(around, name, _)| around == "Materials" || around == "Parameters" && name == "Materials")
    }

    /// A text among the parameters, by the braces around it and its name.
    pub(super) fn string(&self, around: &str, name: &str) -> Option<&str> {
        self.values(around, name)?.first().map(String::as_str)
    }

    pub(super) fn numbers(&self, around: &str, name: &str) -> Option<Vec<f64>> {
        self.values(around, name)?.iter().map(|number| number.parse().ok()).collect()
    }
}

/// Words, texts with their first quotation mark, and braces; commas and comments are left out.
fn tokens<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut tokens = Vec::new();
    for line in lines.filter(|line| !line.trim_start().starts_with('#')) {
        let mut rest = line;
        loop {
            rest = rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == ',' || sign == '\0');
            let Some(first) = rest.chars().next() else { break };
            let length = match first {
                '{' | '}' | '=' => 1,
                '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
                _ => rest.find(|sign: char| sign.is_whitespace() || matches!(sign, ',' | '{' | '}' | '"' | '=')).unwrap_or(rest.len()),
            };
            let (token, behind) = rest.split_at(length);
            tokens.push(token.to_string());
            rest = behind;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# AmiraMesh BINARY-LITTLE-ENDIAN 2.1\n\n\ndefine Lattice 4 3 2\n\nParameters {\n    Units {\n        Coordinates \"nm\"\n    }\n    \
        Materials {\n        Exterior {\n            Id 1\n        }\n    }\n    Content \"4x3x2 byte, uniform coordinates\",\n    \
        BoundingBox 0 3 0 2 -1.5 1e2,\n    CoordType \"uniform\"\n}\n\nLattice { byte Labels } @1(HxByteRLE,17)\n\
        Lattice { float Probability } = @2\n\n# Data section follows\n@1\n";

    #[test]
    fn a_header_is_understood() {
        let text = Text::parse(HEAD.as_bytes()).unwrap();
        assert_eq!((text.lattice, text.big_endian), (Some([4, 3, 2]), false));
        assert_eq!(text.string("Units", "Coordinates"), Some("nm"));
        assert_eq!(text.numbers("Parameters", "BoundingBox").unwrap(), [0.0, 3.0, 0.0, 2.0, -1.5, 100.0]);
        let [labels, probability] = &text.arrays[..] else { panic!("{:?}", text.arrays) };
        assert_eq!((labels.encoding, labels.packed_bytes, labels.number), (Some(Encoding::ByteRuns), Some(17), 1));
        assert_eq!((probability.encoding, probability.kind.as_str(), probability.number), (Some(Encoding::Raw), "float", 2));
        assert_eq!(text.ends_at as usize, HEAD.len() - 3);
    }
}
