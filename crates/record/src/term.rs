//! Words of closed lists: each has a name on the wire, and says what it means in both languages.

/// The same words in both languages of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bilingual {
    pub en: &'static str,
    pub de: &'static str,
}

impl Bilingual {
    pub const NONE: Bilingual = Bilingual { en: "", de: "" };

    pub const fn new(en: &'static str, de: &'static str) -> Self {
        Self { en, de }
    }
}

/// One word of a closed list, as forms and descriptions offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    pub name: &'static str,
    pub says: Bilingual,
}

/// An enum whose variants are written `Variant = "name on the wire", "English" | "deutsch";`.
macro_rules! terms {
    ($(#[$meta:meta])* $public:vis enum $list:ident { $($variant:ident = $name:literal, $en:literal | $de:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $public enum $list { $(#[serde(rename = $name)] $variant),+ }

        impl $list {
            pub const ALL: &'static [$list] = &[$($list::$variant),+];
            /// The same list for forms and descriptions, in the same order.
            pub const TERMS: &'static [$crate::term::Term] =
                &[$($crate::term::Term { name: $name, says: $crate::term::Bilingual::new($en, $de) }),+];

            pub fn name(self) -> &'static str {
                Self::TERMS[self as usize].name
            }
            pub fn says(self) -> $crate::term::Bilingual {
                Self::TERMS[self as usize].says
            }
            /// By its name, however it is capitalised.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|term| term.name().eq_ignore_ascii_case(name.trim()))
            }
        }
    };
}
pub(crate) use terms;
