//! `mrrc sample`: records chosen at random.

use fastrand::Rng;

use super::copy::{self, Paths, Reading};
use super::{Outcome, reading};
use crate::columns::Copying;
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  mrrc sample -n 1000 catalogue.mrc sample.mrc
  mrrc sample --share 1% --seed 42 'dumps/*.mrc.gz' sample.mrc
  mrrc sample -n 20 --where 880 catalogue.mrc - | mrrc head -n 20 -

Records are copied byte for byte, in their order.";

/// Copy some records, chosen at random, byte for byte.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc sample [OPTIONS] <FILE>... <TARGET>")]
pub(super) struct Sample {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    size: Size,
    /// The same seed gives the same sample of the same records; another one another.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    reading: Reading,
}

/// How many records are chosen.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Size {
    /// How many records; all, if there are fewer.
    #[arg(short = 'n', long, value_name = "N")]
    records: Option<usize>,
    /// The chance of each record, such as 1%; the sample has about so many.
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    share: Option<f64>,
}

impl Sample {
    pub(super) fn run(&self) -> Result<Outcome> {
        let (scan, target) = self.paths.open(self.reading.options())?;
        let mut random = Rng::with_seed(self.seed);
        let accounts = match (self.size.share, self.size.records) {
            (Some(share), _) => copy::through(&scan, Copying::AsFound, &target, |copied, output| {
                let mut chosen = copied.records().filter(|_| random.f64() < share);
                chosen.try_for_each(|record| output.put(record))
            })?,
            (None, size) => {
                let mut output = target.open()?;
                let mut reservoir = Reservoir::of(size.unwrap_or_default());
                let accounts = reading::through_bytes(copy::batches(&scan, Copying::AsFound), |copied| {
                    copied.records().for_each(|record| reservoir.push(record, &mut random));
                    Ok(())
                })?;
                reservoir.in_order().iter().try_for_each(|record| output.put(record))?;
                output.finish()?;
                accounts
            }
        };
        copy::tell(&accounts);
        Ok(Outcome::Done)
    }
}

/// As many records as are wanted, of those that were seen so far each with the same chance.
struct Reservoir {
    size: usize,
    seen: u64,
    /// Each with its place among all that were seen.
    chosen: Vec<(u64, Vec<u8>)>,
}

impl Reservoir {
    fn of(size: usize) -> Reservoir {
        Reservoir { size, seen: 0, chosen: Vec::new() }
    }

    fn push(&mut self, record: &[u8], random: &mut Rng) {
        let place = self.seen;
        self.seen += 1;
        if self.chosen.len() < self.size {
            self.chosen.push((place, record.to_vec()));
            return;
        }
        let drawn = usize::try_from(random.u64(0..self.seen)).ok();
        if let Some(replaced) = drawn.and_then(|drawn| self.chosen.get_mut(drawn)) {
            *replaced = (place, record.to_vec());
        }
    }

    /// The records in the order in which they were seen.
    fn in_order(mut self) -> Vec<Vec<u8>> {
        self.chosen.sort_unstable_by_key(|(place, _)| *place);
        self.chosen.into_iter().map(|(_, record)| record).collect()
    }
}

/// A percentage as a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
    match number {
        Some(percent @ 0.0..=100.0) => Ok(percent / 100.0),
        _ => Err("write a percentage, such as 1% or 0.5%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_the_same_chance() {
        let mut chosen = [0_u32; 20];
        let mut random = Rng::with_seed(7);
        for _ in 0..2_000 {
            let mut reservoir = Reservoir::of(5);
            (0..20).for_each(|record| reservoir.push(&[record], &mut random));
            let records = reservoir.in_order().concat();
            assert!(records.len() == 5 && records.is_sorted_by(|one, other| one < other));
            records.iter().for_each(|record| chosen[usize::from(*record)] += 1);
        }
        // Of 2,000 samples, a quarter; five standard deviations are 97.
        assert!(chosen.iter().all(|count| count.abs_diff(500) < 97), "{chosen:?}");
    }
}
