//! How long a search takes inside the process: builds an index of synthetic records and prints
//! `p50` and `p99` for several sorts of questions, in processor time.
//! `cargo run -p search --example measure -- 100000 1000000`

use record::{
    Record,
    agent::Person,
    id::RecordId,
    instant::Instant,
    kind::Kind,
    licence::Licence,
    metadata::{Acquisition, Metadata, Sample},
    record::Holdings,
    state::State,
    technique::{Probe, Technique},
    version::Version,
};
use search::{Change, Entry, Facet, Index, Query};
use std::time::{Duration, Instant as Clock};

/// Time that this thread really computed, so that a busy machine does not count.
fn computed() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a local of the right type, which the call only fills.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

const VOCABULARY: u64 = 20_000;
const QUESTIONS: usize = 2000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
    /// Few words are frequent and many rare, as in a language.
    fn word(&mut self) -> String {
        let share = self.below(1 << 30) as f64 / f64::from(1 << 30);
        spelled(((VOCABULARY as f64).powf(share) - 1.0) as u64)
    }
    fn words(&mut self, count: u64) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn spelled(mut number: u64) -> String {
    number = number * 7919 + 104_729;
    let mut word = String::new();
    while number > 0 {
        word.push(b"bdfgklmnprstvz"[(number % 14) as usize] as char);
        word.push(b"aeiou"[(number / 14 % 5) as usize] as char);
        number /= 70;
    }
    word
}

fn record(number: u64, dice: &mut Dice) -> Record {
    let mut random = [0u8; 9];
    for (position, byte) in random.iter_mut().enumerate() {
        *byte = (number >> (position * 5)) as u8 & 31;
    }
    let licences: Vec<Licence> = Licence::offered().collect();
    let metadata = Metadata {
        title: dice.words(8),
        description: dice.words(60),
        creators: (0..3).map(|_| Person::from_text(&dice.words(2))).collect(),
        keywords: (0..4).map(|_| dice.word()).collect(),
        licence: Some(licences[dice.below(7) as usize]),
        sample: Sample { organism: Some(format!("{} {}", spelled(dice.below(500)), spelled(dice.below(20)))), ..Sample::default() },
        acquisition: Acquisition {
            probe: Some(Probe::ALL[dice.below(3) as usize]),
            technique: Some(Technique::OFFERED[dice.below(12) as usize].id.to_owned()),
            facility: Some(format!("Facility {}", dice.below(25))),
            ..Acquisition::default()
        },
        ..Metadata::default()
    };
    let id = RecordId::from_random(&random);
    let day = Instant(dice.below(6000) as i64 * 86_400_000 + 1_200_000_000_000);
    let mut record = Record::draft(id.clone(), Kind::ALL[dice.below(8) as usize], "a@b".parse().expect("an address"), metadata, day);
    let doi = format!("10.5072/science3d.{id}").parse().expect("a DOI");
    record.state = State::Draft
        .register(doi, day)
        .and_then(|state| if number.is_multiple_of(4) { Ok(state) } else { state.release(Version::FIRST, day) })
        .expect("a released record");
    record
}

fn questions(sort: &str, dice: &mut Dice) -> Query {
    let facets = |dice: &mut Dice| vec![(Facet::Kind, Kind::ALL[dice.below(8) as usize].name().to_owned())];
    let text = match sort {
        "one frequent word" => spelled(dice.below(40)),
        "two frequent words" => format!("{} {}", spelled(dice.below(40)), spelled(dice.below(40))),
        "a beginning" => dice.word().chars().take(4).collect(),
        "misspelt" => format!("{}q", dice.word()),
        "facets only" => String::new(),
        _ => {
            let count = 1 + dice.below(3);
            dice.words(count)
        }
    };
    let mut query = Query { text, ..Query::default() };
    if matches!(sort, "words and facet" | "facets only") {
        query.facets = facets(dice);
        query.year_from = Some(2008 + dice.below(10) as i32);
        query.open_only = dice.below(2) == 0;
    }
    query.limit = 10;
    query.offset = dice.below(3) as usize * 10;
    query
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for size in std::env::args().skip(1) {
        let size: u64 = size.parse()?;
        let folder = tempfile::tempdir()?;
        let index = Index::open(folder.path())?.index;
        let mut dice = Dice(0x5eed_5eed);
        let begun = Clock::now();
        let mut number = 0;
        while number < size {
            let upto = size.min(number + 50_000);
            let changes = (number..upto).filter_map(|number| {
                let record = record(number, &mut dice);
                Entry::from_record(&record, &Holdings::default(), true, None).map(|entry| Change::Put(Box::new(entry)))
            });
            index.apply(changes.collect(), upto as i64)?;
            number = upto;
        }
        println!("{size} records indexed in {:.1} s", begun.elapsed().as_secs_f64());
        for sort in ["words", "words and facet", "one frequent word", "two frequent words", "a beginning", "misspelt", "facets only"] {
            let mut times: Vec<Duration> = Vec::new();
            let mut found = 0;
            for _ in 0..QUESTIONS {
                let query = questions(sort, &mut dice);
                let begun = computed();
                found += index.search(&query)?.total;
                times.push(computed() - begun);
            }
            times.sort();
            println!(
                "  {sort:20} mean {:7.3} ms  p50 {:7.3} ms  p99 {:7.3} ms  worst {:7.3} ms  hits {}",
                ms(times.iter().sum::<Duration>() / QUESTIONS as u32),
                ms(times[QUESTIONS / 2]),
                ms(times[QUESTIONS * 99 / 100]),
                ms(times[QUESTIONS - 1]),
                found / QUESTIONS
            );
        }
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
