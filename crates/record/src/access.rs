//! Who may see and do what in which state: one pure function. Every byte, picture, search hit,
//! count, feed line and export passes through it.

use crate::state::State;

/// Who looks, in relation to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    Owner,
    Collaborator,
    Curator,
    /// Holder of a reviewer link.
    Reviewer,
    Anyone,
}

/// What is looked at or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// That the record exists or existed, its DOI, title and people.
    Tombstone,
    /// The whole entry page except files.
    Metadata,
    /// Names, sizes, checksums and count of files.
    FileNames,
    /// Bytes of originals, and everything made from them: volumes, pictures, exports that hold them.
    Bytes,
    /// Why it was withdrawn; what failed; who is on the team.
    Inside,
    /// Change metadata and files, register, schedule, withdraw, manage the team.
    Change,
    /// Open the files to everyone.
    Release,
}

impl Aspect {
    pub const ALL: [Aspect; 7] = [Self::Tombstone, Self::Metadata, Self::FileNames, Self::Bytes, Self::Inside, Self::Change, Self::Release];
}

pub fn permits(viewer: Viewer, state: &State, aspect: Aspect) -> bool {
    use Aspect::*;
    let withdrawn = matches!(state, State::Withdrawn { .. });
    match viewer {
        Viewer::Owner if withdrawn => matches!(aspect, Tombstone | Inside),
        Viewer::Owner => true,
        Viewer::Collaborator if withdrawn => matches!(aspect, Tombstone | Inside),
        Viewer::Collaborator => matches!(aspect, Tombstone | Metadata | FileNames | Bytes | Inside),
        Viewer::Curator if withdrawn => !matches!(aspect, Change | Release),
        Viewer::Curator | Viewer::Anyone => public(state, aspect),
        Viewer::Reviewer => public(state, aspect) || (matches!(state, State::Registered { .. }) && matches!(aspect, FileNames | Bytes)),
    }
}

fn public(state: &State, aspect: Aspect) -> bool {
    match state {
        State::Draft | State::Revising { .. } => false,
        State::Registered { .. } => matches!(aspect, Aspect::Tombstone | Aspect::Metadata),
        State::Released { .. } | State::Published { .. } => {
            matches!(aspect, Aspect::Tombstone | Aspect::Metadata | Aspect::FileNames | Aspect::Bytes)
        }
        State::Withdrawn { .. } => aspect == Aspect::Tombstone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{instant::Instant, version::Version};

    /// The table of the architecture page, one line a state, one letter an aspect in the order of `Aspect::ALL`.
    #[test]
    fn the_table_of_access_holds() {
        let registered = State::Draft.register("10.5072/science3d.7h3k9x2q4".parse().unwrap(), Instant(0)).unwrap();
        let released = registered.clone().release(Version::FIRST, Instant(0)).unwrap();
        let published = State::Draft.publish(None, Instant(0)).unwrap();
        let withdrawn = released.clone().withdraw("wrong".into(), Instant(0)).unwrap();
        let revising = released.clone().revise().unwrap();
        let table = |viewer| {
            [&State::Draft, &registered, &released, &published, &withdrawn, &revising]
                .map(|state| {
                    "TMNBICR"
                        .chars()
                        .zip(Aspect::ALL)
                        .map(|(letter, aspect)| if permits(viewer, state, aspect) { letter } else { '.' })
                        .collect::<String>()
                })
                .join(" ")
        };
        assert_eq!(table(Viewer::Owner), "TMNBICR TMNBICR TMNBICR TMNBICR T...I.. TMNBICR");
        assert_eq!(table(Viewer::Collaborator), "TMNBI.. TMNBI.. TMNBI.. TMNBI.. T...I.. TMNBI..");
        assert_eq!(table(Viewer::Curator), "....... TM..... TMNB... TMNB... TMNBI.. .......");
        assert_eq!(table(Viewer::Reviewer), "....... TMNB... TMNB... TMNB... T...... .......");
        assert_eq!(table(Viewer::Anyone), "....... TM..... TMNB... TMNB... T...... .......");
    }
}
