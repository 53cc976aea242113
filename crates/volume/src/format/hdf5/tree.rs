//! Files that refer to each other: what may be opened, and the way along a path through links.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::file::H5File;
use super::group::{Link, Target, links};
use super::object::Object;
use crate::Trouble;
use crate::format::Arriving;
use crate::trouble::file_name;

/// Links that lead to links.
const HOPS_MAX: u32 = 32;
/// Files that stay open; more would meet the limit of the process.
const FILES_KEPT_OPEN: usize = 64;
/// Files that one volume may consist of.
const FILES_MAX: usize = 100_000;
/// Expanded chunks that wait for the next slab, all together.
pub(super) const KEEP_BYTES: u64 = 512 << 20;

/// How refusals begin when voxels lie in a file that is not there.
pub(super) const PIXELS_MISSING: &str = "pixels missing";
/// How refusals begin when a path leads nowhere.
pub(super) const ABSENT: &str = "it has no ";

/// Where a path ended.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) file: Arc<H5File>,
    pub(super) address: u64,
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address && self.file.path == other.file.path
    }
}

type Groups = HashMap<(PathBuf, u64), Arc<Vec<Link>>>;

/// A deposited folder, as far as HDF5 files of it were opened.
pub(super) struct Tree {
    pub(super) master: Arc<H5File>,
    /// No file outside of this folder is opened.
    root: PathBuf,
    /// The master itself was laid here as a symbolic link, so its siblings may be links too.
    staged_as_links: bool,
    files: Mutex<HashMap<PathBuf, Arc<H5File>>>,
    groups: Mutex<Groups>,
    pub(super) keep: Arc<AtomicU64>,
}

impl Tree {
    /// `root` is the folder of the deposit; without it only the master's own folder may be read.
    pub(super) fn open(master: &Path, root: Option<&Path>, arriving: Option<Arriving>) -> Result<Self, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("opening", master, &error);
        let name = master.file_name().ok_or_else(|| Trouble::new("it has no name", "Name a file").in_file(master))?;
        let folder = master.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(trouble)?;
        let root = root.map(Path::canonicalize).transpose().map_err(trouble)?.filter(|root| folder.starts_with(root));
        let staged_as_links = master.symlink_metadata().map_err(trouble)?.is_symlink();
        let path = folder.join(name);
        let file = match arriving {
            Some(arriving) => H5File::open_begun(&path, arriving)?,
            None => H5File::open(&path, true)?,
        };
        let file = Arc::new(file);
        Ok(Self::new(file, root.unwrap_or(folder), staged_as_links))
    }

    /// The tree of a file of which only the first bytes are here.
    pub(super) fn of_head(head: &[u8], length: u64) -> Result<Self, Trouble> {
        Ok(Self::new(Arc::new(H5File::of_head(head, length)?), PathBuf::new(), false))
    }

    fn new(master: Arc<H5File>, root: PathBuf, staged_as_links: bool) -> Self {
        let files = Mutex::new(HashMap::from([(master.path.clone(), master.clone())]));
        Self { master, root, staged_as_links, files, groups: Mutex::default(), keep: Arc::new(AtomicU64::new(KEEP_BYTES)) }
    }

    /// Bytes of all files that were opened.
    pub(super) fn bytes(&self) -> u64 {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).values().map(|file| file.length).sum()
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Names of all files that were opened, the master first.
    pub(super) fn names(&self) -> Vec<String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let relative = |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).display().to_string();
        let mut others: Vec<String> = files.keys().filter(|path| **path != self.master.path).map(|path| relative(path)).collect();
        others.sort();
        std::iter::once(file_name(&self.master.path)).chain(others).collect()
    }

    /// A file that another names, which must lie inside of the deposit.
    pub(super) fn beside(&self, file: &Arc<H5File>, name: &str) -> Result<Arc<H5File>, Trouble> {
        if name == "." {
            return Ok(file.clone());
        }
        if self.master.is_partial() {
            return Err(Trouble::new("other files are not looked at before the upload is complete", "Wait for the upload"));
        }
        let path = self.resolve(file, name).ok_or_else(|| missing(file, name))?;
        if let Some(known) = self.files.lock().unwrap_or_else(PoisonError::into_inner).get(&path) {
            return Ok(known.clone());
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= FILES_MAX {
            return Err(Trouble::new(format!("it refers to more than {FILES_MAX} files"), "Divide it").in_file(&file.path));
        }
        let opened = Arc::new(H5File::open(&path, files.len() < FILES_KEPT_OPEN)?);
        files.insert(path, opened.clone());
        Ok(opened)
    }

    /// A file of another kind that lies beside the master, inside of the deposit.
    pub(super) fn path_beside(&self, name: &str) -> Option<PathBuf> {
        if self.master.is_partial() { None } else { self.resolve(&self.master, name) }
    }

    /// Where such a name leads, seen from a file; nothing outside of the deposit, and nothing that is not there.
    fn resolve(&self, file: &H5File, name: &str) -> Option<PathBuf> {
        let named = Path::new(name);
        // As the HDF5 library does: an absolute name that is not there is looked for beside the file.
        let named = if named.is_absolute() { Path::new(named.file_name()?) } else { named };
        let mut path = file.path.parent()?.to_path_buf();
        for component in named.components() {
            match component {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir if path != self.root && path.pop() => {}
                _ => return None,
            }
        }
        let inside = path.strip_prefix(&self.root).ok()?;
        let mut walked = self.root.clone();
        let mut parts = inside.components().peekable();
        while let Some(part) = parts.next() {
            walked.push(part);
            let is_link = walked.symlink_metadata().ok()?.is_symlink();
            if is_link && !(self.staged_as_links && parts.peek().is_none()) {
                return None;
            }
        }
        path.is_file().then_some(path)
    }

    /// The links of a group; nothing when the object is no group.
    pub(super) fn links(&self, file: &Arc<H5File>, address: u64) -> Result<Option<Arc<Vec<Link>>>, Trouble> {
        let key = (file.path.clone(), address);
        if let Some(known) = self.groups.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(known.clone()));
        }
        let Some(read) = links(file, &Object::read(file, address)?)? else { return Ok(None) };
        let read = Arc::new(read);
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).insert(key, read.clone());
        Ok(Some(read))
    }

    /// Goes along an absolute path of a file.
    pub(super) fn find(&self, file: &Arc<H5File>, path: &str) -> Result<Place, Trouble> {
        let root = Place { file: file.clone(), address: file.root };
        self.walk(&root, path, &mut HOPS_MAX.clone())
    }

    fn walk(&self, group: &Place, path: &str, hops: &mut u32) -> Result<Place, Trouble> {
        let mut at = group.clone();
        if path.starts_with('/') {
            at.address = at.file.root;
        }
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            let links = self.links(&at.file, at.address)?;
            let links = links.ok_or_else(|| absent(&at.file, path, part))?;
            let index = links.binary_search_by(|link| link.name.as_str().cmp(part)).map_err(|_| absent(&at.file, path, part))?;
            at = self.follow(&at, &links[index], hops)?;
        }
        Ok(at)
    }

    /// Where one link of a group leads.
    pub(super) fn follow(&self, group: &Place, link: &Link, hops: &mut u32) -> Result<Place, Trouble> {
        if !matches!(link.target, Target::Hard(_)) {
            *hops = hops.checked_sub(1).ok_or_else(|| {
                Trouble::new(format!("the link {} leads in a circle", link.name), "Save the file without it").in_file(&group.file.path)
            })?;
        }
        match &link.target {
            Target::Hard(address) => Ok(Place { file: group.file.clone(), address: *address }),
            Target::Soft(path) => self.walk(group, path, hops),
            Target::External { file, path } => {
                let other = self.beside(&group.file, file)?;
                let root = Place { address: other.root, file: other };
                self.walk(&root, path, hops)
            }
        }
    }
}

fn absent(file: &H5File, path: &str, part: &str) -> Trouble {
    Trouble::new(format!("{ABSENT}{path} ({part} is not there)"), "Name a dataset that is in the file").in_file(&file.path)
}

fn missing(file: &H5File, name: &str) -> Trouble {
    Trouble::new(
        format!("{PIXELS_MISSING}: they lie in {name}, which is not among the deposited files"),
        "Add that file, in the folder where this one expects it, or deposit a copy that holds its pixels itself (h5repack)",
    )
    .in_file(&file.path)
}
