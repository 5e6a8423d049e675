//! Randomness for the cases.

use std::sync::atomic::{AtomicU64, Ordering};

use deskhand_domain::clock::Entropy;

/// Random enough, and the same every time.
#[derive(Debug, Default)]
pub struct Seeded(pub AtomicU64);

impl Seeded {
    /// Another randomness for each.
    pub fn of(node: u64) -> Self {
        Self(AtomicU64::new(node << 40))
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            // The finaliser of SplitMix64.
            let mut z = n
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(0x1234_5678);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)) as u8;
        }
    }
}
