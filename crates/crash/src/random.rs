//! Choices out of a seed. The seed fixes what is asked and where the server dies; which of two things
//! that go on at once comes first is the machine's.

/// SplitMix64: small, and good enough to choose.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Choices of one kind: the same seed gives each kind its own.
    pub fn new(seed: u64, kind: u64) -> Self {
        let mut random = Self(seed ^ kind.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `below`, which it never is.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below.max(1)
    }

    /// So many times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// One of them, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, choices: &[(T, u64)]) -> T {
        let sum = choices.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(sum);
        for &(choice, weight) in choices {
            if at < weight {
                return choice;
            }
            at -= weight;
        }
        choices[0].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_again_and_kinds_differ() {
        let ten = |seed, kind| {
            let mut random = Random::new(seed, kind);
            [(); 10].map(|()| random.below(1_000))
        };
        assert_eq!(ten(1, 1), ten(1, 1));
        assert_ne!(ten(1, 1), ten(1, 2));
        assert_ne!(ten(1, 1), ten(2, 1));
    }

    #[test]
    fn weights_count() {
        let mut random = Random::new(7, 0);
        let often = (0..1_000)
            .filter(|_| random.weighted(&[(true, 9), (false, 1)]))
            .count();
        assert!((800..=980).contains(&often), "{often}");
    }
}
