//! Words out of marked-up text: HTML, JATS and MathML tags go, entities become letters, paragraphs stay apart.
//! TeX is left as it is written; so is a “<” that opens no tag.

/// Longer than any tag that is one.
const TAG_CHARS_MAX: usize = 300;
/// Longer texts are cut; no form takes them.
const CHARS_MAX: usize = 100_000;

/// Safe to call with anything; what comes out is text and must be escaped like any other.
pub fn plain(text: &str) -> String {
    // Some catalogues escape their markup once more.
    let once = without_tags(text);
    let letters = with_letters(&once);
    let again = if letters.contains("</") { without_tags(&letters) } else { letters };
    tidy(&again)
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(CHARS_MAX));
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match tag_length(rest) {
            Some(length) => {
                let name = rest[1..length].trim_start_matches('/').trim_start_matches("jats:").to_ascii_lowercase();
                let breaks = ["p", "br", "sec", "title", "div", "li"];
                if breaks.iter().any(|tag| name.strip_prefix(tag).is_some_and(|after| after.starts_with(['>', ' ', '/']))) {
                    out.push('\n');
                }
                rest = &rest[length..];
            }
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// How long the tag is with which this text begins.
fn tag_length(text: &str) -> Option<usize> {
    let begins = text[1..].trim_start_matches(['/', '!', '?']);
    if !begins.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '-') || text[1..].starts_with("- ") {
        return None;
    }
    let end = text.char_indices().take(TAG_CHARS_MAX).find(|(_, letter)| *letter == '>')?.0;
    (!text[1..end].contains('<')).then_some(end + 1)
}

fn with_letters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.char_indices().take(12).find(|(_, letter)| *letter == ';').map(|(end, _)| end);
        match end.and_then(|end| Some((letter_named(&rest[1..end])?, end))) {
            Some((letter, end)) => {
                out.push(letter);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn letter_named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|letter| !letter.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "mu" | "micro" => 'µ',
        "alpha" => 'α',
        "beta" => 'β',
        "gamma" => 'γ',
        "deg" => '°',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        _ => return None,
    })
}

/// One blank between words, one line between paragraphs, and nothing that cannot be seen.
fn tidy(text: &str) -> String {
    let visible = |letter: &char| {
        !letter.is_control() && !matches!(letter, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let lines = text.split('\n').map(|line| {
        line.split_whitespace()
            .map(|word| word.chars().filter(visible).collect::<String>())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    });
    let kept: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    kept.join("\n").chars().take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_words() {
        for (marked, words) in [
            ("Jaw of <i>Ichthyophis</i>", "Jaw of Ichthyophis"),
            ("H<sub>2</sub>O at 20&nbsp;&deg;C", "H2O at 20 °C"),
            ("<jats:title>Abstract</jats:title><jats:p>One.</jats:p><jats:p>Two &amp; three.</jats:p>", "Abstract\nOne.\nTwo & three."),
            ("&lt;i&gt;Escaped&lt;/i&gt; twice", "Escaped twice"),
            ("<script>alert(1)</script>x", "alert(1)x"),
            ("if a < b and b > c", "if a < b and b > c"),
            ("$E=mc^2$ & more \\LaTeX", "$E=mc^2$ & more \\LaTeX"),
            ("a\n   title\u{202e} over\u{0} lines ", "a\ntitle over lines"),
            ("<mml:math><mml:mi>x</mml:mi></mml:math>-ray", "x-ray"),
            ("<", "<"),
            ("&#x202e;&#0;&unknown;", "&#0;&unknown;"),
        ] {
            assert_eq!(plain(marked), words, "{marked}");
        }
    }

    #[test]
    fn nothing_makes_it_stumble_or_linger() {
        for hostile in ["<".repeat(100_000), "&".repeat(100_000), "<a ".repeat(50_000), "<ä".repeat(1000), "&ä;&#ä;&#xFFFFFFFFFF;".into()]
        {
            let began = std::time::Instant::now();
            plain(&hostile);
            assert!(began.elapsed().as_secs() < 5);
        }
    }
}
