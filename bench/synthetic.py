"""What is measured with: bytes, slices and records that are made up here, the same in every run."""
import itertools
import json
import os
import random
import sqlite3
import struct

BLOCK_BYTES = 32 << 20


def random_file(path, length):
    """Bytes that nobody can compress."""
    with open(path, "wb") as out:
        while length > 0:
            count = min(length, BLOCK_BYTES)
            out.write(os.urandom(count))
            length -= count
    return path


def tiff_slice(edge, number):
    """One slice as an uncompressed 16-bit TIFF: noise over a slow gradient, so that it compresses like a real one."""
    pixels = bytearray(2 * edge * edge)
    pixels[0::2] = os.urandom(edge * edge)
    for row in range(edge):
        pixels[2 * edge * row + 1: 2 * edge * (row + 1): 2] = bytes([64 + (row + number) // 16 % 64]) * edge
    entries = [(256, 3, edge), (257, 3, edge), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, edge), (279, 4, len(pixels)), (339, 3, 1)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, 8 + len(pixels)) + bytes(pixels) + directory


def dataset(title):
    """Metadata of a data set that may be registered."""
    return {
        "title": title,
        "description": "Made by the benchmark; it shows nothing.",
        "creators": [{"family": "Bench", "given": "Ada"}],
        "licence": "CC0-1.0",
        "synthetic": True,
        "sample": {"material": "noise", "name": "noise"},
        "acquisition": {"probe": "x-ray", "technique": "PaNET01208", "facility": "none", "voxel_size_um": [1.0, 1.0, 1.0]},
    }


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DOMAIN = """tomography micro synchrotron phase contrast bone trabecular cortical femur vertebra skull tooth enamel dentin lung kidney heart
liver brain vessel cartilage tendon muscle fossil amber insect beetle wing larva embryo zebrafish mouse rat human sheep plant root leaf seed wood
xylem soil pore sandstone limestone concrete steel aluminium foam composite fibre battery electrode lithium dendrite crack fatigue porosity
permeability segmentation reconstruction volume projection scan voxel resolution absorption staining iodine neutron laminography ptychography
electron tilt series mitochondria cell membrane virus organelle beam light sheet holotomography situ compression tension heating freezing drying
flow wetting imbibition drainage granular powder sintering additive manufacturing weld corrosion coating catalyst membrane paper textile""".split()
KINDS = ["tomography-biology", "tomography-materials", "electron-microscopy"]
KIND_SHARES = (45, 35, 20)
TECHNIQUES = ["PaNET01208", "PaNET01209", "PaNET01333", "PaNET01154", "PaNET01213", "PaNET01211", "PaNET01096", "PaNET01207", "PaNET01249", "PaNET01129"]
PROBES = ["x-ray", "neutron", "electron"]
PROBE_SHARES = (80, 8, 12)
LICENCES = ["CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0"]
LICENCE_SHARES = (60, 20, 8, 8, 4)
FIRST_DAY_MS = 1_200_000_000_000
DAY_MS = 86_400_000


class Language:
    """Words by Zipf's law: frequent ones of the field, and many rare invented ones."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        maker = random.Random(1)
        word = lambda parts: "".join(maker.choice("bdfgklmnprstvz") + maker.choice("aeiou") for _ in range(parts))
        self.invented = sorted({word(maker.choice((2, 3, 4))) for _ in range(8000)})
        maker.shuffle(self.invented)
        self.words = DOMAIN + self.invented
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.species = [f"{word(3).capitalize()} {word(4)}" for _ in range(600)]
        self.facilities = [f"{word(3).capitalize()} Light Source" for _ in range(40)]
        self.families = [word(3).capitalize() for _ in range(4000)]

    def some(self, count):
        return " ".join(self.dice.choices(self.words, cum_weights=self.weights, k=count))

    def one_of_few(self, values):
        """The first ones often, the last ones seldom."""
        return values[min(int(self.dice.paretovariate(0.9)) - 1, len(values) - 1)]

    def record(self, number):
        """One released record: its document as the catalogue keeps it, without an id of another run."""
        dice = self.dice
        record_id = id_of(number)
        moment = time_of(FIRST_DAY_MS + dice.randrange(6000) * DAY_MS)
        species = dice.choice(self.species)
        metadata = {
            "title": f"{dice.choice(DOMAIN)} of {species} {self.some(dice.randint(3, 9))}",
            "description": self.some(dice.randint(60, 180)),
            "creators": [{"family": dice.choice(self.families), "given": "A"} for _ in range(dice.randint(1, 8))],
            "licence": dice.choices(LICENCES, LICENCE_SHARES)[0],
            "keywords": dice.sample(DOMAIN, dice.randint(2, 6)),
            "sample": {"organism": species},
            "acquisition": {"probe": dice.choices(PROBES, PROBE_SHARES)[0], "technique": self.one_of_few(TECHNIQUES), "facility": self.one_of_few(self.facilities)},
        }
        return document(record_id, dice.choices(KINDS, KIND_SHARES)[0], metadata, moment)

    def question(self, number):
        """Five sorts of questions in turn; every third one narrows by a facet."""
        dice = self.dice
        sorts = [
            lambda: dice.choice(DOMAIN),
            lambda: " ".join(dice.sample(DOMAIN, 2)),
            lambda: dice.choice(self.invented[200:4000]),
            lambda: dice.choice(self.species).split()[0],
            lambda: " ".join(dice.sample(DOMAIN, 3)),
        ]
        narrow = {"probe": dice.choices(PROBES, PROBE_SHARES)[0]} if number % 3 == 2 else {}
        return sorts[number % 5](), narrow


def id_of(number):
    digits = []
    for _ in range(9):
        digits.append(ALPHABET[number % 32])
        number //= 32
    return "".join(reversed(digits))


def time_of(milliseconds):
    import datetime
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def document(record_id, kind, metadata, moment):
    return {
        "id": record_id,
        "kind": kind,
        "state": "released",
        "doi": f"10.5072/science3d.{record_id}",
        "registered_at": moment,
        "released_version": 1,
        "released_at": moment,
        "version": 1,
        "revision": 3,
        "created_at": moment,
        "changed_at": moment,
        "team": [{"email": "bench@example.org", "role": "owner"}],
        "metadata": metadata,
    }


SCHEMA_VERSION = 11


class Catalogue:
    """Puts records straight into a catalogue that `science3d migrate` made and nobody serves yet.

    A million deposits by HTTP would take hours and measure something else. The search index is filled by the server
    itself, from the event log, as after any start. Knows the tables of one schema version and refuses every other.
    """

    def __init__(self, data):
        self.database = sqlite3.connect(os.path.join(data, "catalogue.db"))
        version = self.database.execute("SELECT max(version) FROM schema_migration").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise RuntimeError(f"the catalogue is at version {version}, bench/synthetic.py knows version {SCHEMA_VERSION}; bring it up to date")
        self.database.execute("PRAGMA synchronous = OFF")
        self.sequence = self.database.execute("SELECT last FROM event_counter WHERE id = 1").fetchone()[0]

    def add(self, documents):
        documents = iter(documents)
        while batch := list(itertools.islice(documents, 5000)):
            self.database.executemany(
                "INSERT INTO record (id, kind, state, doi, revision, changed_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(doc["id"], doc["kind"], doc["state"], doc["doi"], doc["revision"], FIRST_DAY_MS, json.dumps(doc)) for doc in batch],
            )
            events = []
            for doc in batch:
                self.sequence += 1
                events.append((self.sequence, FIRST_DAY_MS, doc["id"], "released", '{"what":"released"}'))
            self.database.executemany("INSERT INTO event (sequence, at, record, what, doc) VALUES (?, ?, ?, ?, ?)", events)

    def add_files(self, record_id, count, in_folders=True, files_per_folder=1000, file_bytes=100_000):
        """Rows of files and folders, as many uploads would leave them; the bytes themselves are not needed for a page."""
        place = json.dumps({"place": "preserved", "content_path": "v1/content/files/none"})
        rows, folders = [], []
        for number in range(count):
            folder = f"slices-{number // files_per_folder:04d}" if in_folders else ""
            name = f"slice_{number:06d}.tif"
            path = f"{folder}/{name}" if folder else name
            rows.append((record_id, path, folder, name, path, file_bytes, f"{number:064x}", 1, FIRST_DAY_MS, place))
        for first in range(0, count if in_folders else 0, files_per_folder):
            folder = f"slices-{first // files_per_folder:04d}"
            inside = min(files_per_folder, count - first)
            folders.append((record_id, folder, "", folder, folder, inside, inside * file_bytes))
        self.database.executemany("INSERT INTO file (record, path, parent, name, folded, bytes, sha256, crc32, added_at, place, since_version, until_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1000000000)", rows)
        self.database.executemany("INSERT INTO folder (record, path, parent, name, folded, files, bytes, since_version, until_version) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1000000000)", folders)
        self.database.execute("UPDATE record SET files = ?, bytes = ? WHERE id = ?", (count, count * file_bytes, record_id))

    def close(self):
        self.database.execute("UPDATE event_counter SET last = ? WHERE id = 1", (self.sequence,))
        self.database.commit()
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.database.close()
