//! Edges by their cost, the cheapest first but for an eighth: buckets that follow the exponent and three bits of the number, each
//! in the order in which its edges came. A heap would order what makes no difference, and takes longer than the collapse itself.

/// Bits of a cost that do not choose its bucket.
const ROUGH: u32 = 20;
const BUCKETS: usize = 1 << (31 - ROUGH);

#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) cost: f32,
    pub(super) corner: u32,
    /// How often its ends had moved when it was offered.
    pub(super) moves: u16,
    /// What had happened around it when it was tried last.
    pub(super) tried: u16,
}

#[derive(Default, Clone)]
struct Bucket {
    offers: Vec<Offer>,
    taken: usize,
}

pub(super) struct Queue {
    buckets: Vec<Bucket>,
    /// No bucket before this one holds anything.
    least: usize,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { buckets: vec![Bucket::default(); BUCKETS], least: BUCKETS }
    }

    /// Costs are not negative.
    #[inline(always)]
    pub(super) fn push(&mut self, offer: Offer) {
        let number = (offer.cost.to_bits() >> ROUGH) as usize & (BUCKETS - 1);
        self.buckets[number].offers.push(offer);
        self.least = self.least.min(number);
    }

    pub(super) fn pop(&mut self) -> Option<Offer> {
        while let Some(bucket) = self.buckets.get_mut(self.least) {
            if let Some(&offer) = bucket.offers.get(bucket.taken) {
                bucket.taken += 1;
                return Some(offer);
            }
            bucket.offers.clear();
            bucket.taken = 0;
            self.least += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_come_first_but_for_an_eighth() {
        let mut queue = Queue::new();
        let costs: Vec<f32> = (0..2_000u32).map(|n| ((n * 7_919 % 2_003) as f32).powi(3) * 1e-6).collect();
        costs.iter().enumerate().for_each(|(n, &cost)| queue.push(Offer { cost, corner: n as u32, moves: 0, tried: 0 }));
        let (mut most, mut count) = (0f32, 0);
        while let Some(offer) = queue.pop() {
            assert!(offer.cost >= most / 1.125 - f32::MIN_POSITIVE, "{} after {most}", offer.cost);
            most = most.max(offer.cost);
            count += 1;
            if count == 1_000 {
                queue.push(Offer { cost: 0.0, corner: 0, moves: 1, tried: 0 });
                assert_eq!(queue.pop().unwrap().moves, 1);
                count += 0;
            }
        }
        assert_eq!(count, 2_000);
    }
}
