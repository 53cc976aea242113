// Turns whatever a person dropped or chose into a flat list of files with their paths.
// The folder tree is kept: the path starts with the name of the dropped folder.

export interface ChosenFile {
  path: string;
  file: File;
}

/** "./a//b/" and "/a/b" are "a/b"; the server refuses anything odder than that. */
export function tidyPath(path: string): string {
  return path.split("/").filter((step) => step !== "" && step !== ".").join("/");
}

/** Files of an `<input type="file">`, with or without `webkitdirectory`. */
export function collectFromInput(files: Iterable<File>): ChosenFile[] {
  return [...files].map((file) => ({ path: tidyPath(file.webkitRelativePath || file.name), file }));
}

const naturalOrder = new Intl.Collator("en", { numeric: true });

/** A chooser gives a folder in whatever order the disk has it; slices are sent and shown one after the other. */
export function inNaturalOrder(chosen: ChosenFile[]): ChosenFile[] {
  return chosen.sort((left, right) => naturalOrder.compare(left.path, right.path));
}

/**
 * Everything in a drop, folders included. The entries must be taken while the drop event
 * runs, so this function collects them before it waits for the first time.
 */
export async function collectFromDrop(transfer: DataTransfer, saw: (count: number) => void = () => {}): Promise<ChosenFile[]> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    if (entry) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file) loose.push(file);
    }
  }
  const chosen = collectFromInput(loose);
  await walkEntries(entries, "", chosen, saw);
  return chosen;
}

/** Walks without recursion over the call stack: a deep tree must not overflow it. */
export async function walkEntries(start: FileSystemEntry[], prefix: string, chosen: ChosenFile[], saw: (count: number) => void): Promise<void> {
  const waiting = start.map((entry) => ({ entry, prefix }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const path = next.prefix === "" ? next.entry.name : `${next.prefix}/${next.entry.name}`;
    if (next.entry.isDirectory) {
      const children = await readFolder(next.entry as FileSystemDirectoryEntry);
      // Reversed, so that the stack gives them back in the order of the folder.
      for (const child of children.reverse()) waiting.push({ entry: child, prefix: path });
    } else {
      const file = await new Promise<File>((resolve, reject) => (next.entry as FileSystemFileEntry).file(resolve, reject));
      chosen.push({ path: tidyPath(path), file });
      if (chosen.length % 500 === 0) saw(chosen.length);
    }
  }
}

/** A folder gives at most 100 entries a call; it is read when a call gives none. */
async function readFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all.sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true }));
    all.push(...some);
  }
}
