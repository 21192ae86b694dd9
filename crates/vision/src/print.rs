//! What a picture looks like, in 256 bits.
//!
//! The bits are those of PDQ (Facebook, 2019: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
//! Algorithm", in the repository facebook/ThreatExchange): the 16 × 16 lowest frequencies of a discrete cosine
//! transform of 64 × 64 gray pixels, each compared with their median. Half of the bits are set, so unrelated pictures
//! differ in 128 of 256 with a standard deviation of 8, and PDQ's authors call two pictures the same up to 31. With 64
//! bits, as older perceptual hashes have, two documents printed on the same form differ in too few to be told apart.
//! Unlike PDQ's, the small picture is made by averaging areas.

use std::{f32::consts::PI, sync::LazyLock};

use crate::gray::{Gray, SIDE};

const FREQUENCIES: usize = 16;
const BITS: u32 = 256;
/// The difference at which two pictures have nothing in common any more. Chosen so that a similarity of 0.8 is a
/// difference of 32 bits, up to which PDQ's authors call pictures the same.
const NOTHING_IN_COMMON: u32 = 160;
/// Half of the frequencies must be stronger than that, in gray levels, or what they tell is noise. Encoding an empty page
/// as JPEG leaves less than 1.
const LEAST_STRENGTH: f32 = 2.0;
/// What is nearer to the median than that, in gray levels, is the same: drawn pictures have frequencies of nothing, which
/// rounding would scatter.
const SAME_STRENGTH: f32 = 0.05;

/// What a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Print(pub [u8; 32]);

impl Print {
    /// In how many of the 256 bits two prints differ.
    pub fn distance(self, other: Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    pub(crate) fn of(gray: &Gray) -> Option<Self> {
        let frequencies = frequencies(gray);
        let mut sorted = frequencies;
        let (_, &mut median, _) = sorted.select_nth_unstable_by(BITS as usize / 2, f32::total_cmp);
        let mut strengths = frequencies.map(|value| (value - median).abs());
        let (_, &mut strength, _) = strengths.select_nth_unstable_by(BITS as usize / 2, f32::total_cmp);
        (strength >= LEAST_STRENGTH).then(|| Self(bits(&frequencies, median)))
    }
}

fn bits(frequencies: &[f32; BITS as usize], median: f32) -> [u8; 32] {
    let mut bits = [0; 32];
    for (index, value) in frequencies.iter().enumerate() {
        bits[index / 8] |= u8::from(*value > median + SAME_STRENGTH) << (index % 8);
    }
    bits
}

/// The lowest of a two-dimensional discrete cosine transform (II), but for those that are constant along one side.
fn frequencies(gray: &Gray) -> [f32; BITS as usize] {
    let mut across = [[0.0; SIDE]; FREQUENCIES];
    for (wave, sums) in WAVES.iter().zip(&mut across) {
        for (sum, row) in sums.iter_mut().zip(gray.0.iter()) {
            *sum = dot(wave, row);
        }
    }
    let mut frequencies = [0.0; BITS as usize];
    for (index, value) in frequencies.iter_mut().enumerate() {
        *value = dot(&WAVES[index / FREQUENCIES], &across[index % FREQUENCIES]);
    }
    frequencies
}

fn dot(a: &[f32; SIDE], b: &[f32; SIDE]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The transform's rows 1 to 16, each of length 1.
static WAVES: LazyLock<[[f32; SIDE]; FREQUENCIES]> = LazyLock::new(|| {
    let length = (2.0 / SIDE as f32).sqrt();
    let at = |wave: usize, place: usize| {
        length * (PI / (2 * SIDE) as f32 * ((wave + 1) * (2 * place + 1)) as f32).cos()
    };
    std::array::from_fn(|wave| std::array::from_fn(|place| at(wave, place)))
});

/// The similarity, 0 to 1, of prints that differ in so many bits.
pub fn similarity_at(distance: u32) -> f64 {
    1.0 - f64::from(distance.min(NOTHING_IN_COMMON)) / f64::from(NOTHING_IN_COMMON)
}

/// The most bits in which prints may differ and still have a similarity of at least `threshold`, 0 to 1.
pub fn distance_within(threshold: f64) -> u32 {
    // Rounding to a billionth: 1 - 0.8 is a little less than 0.2.
    let distance = (1.0 - threshold.clamp(0.0, 1.0)) * f64::from(NOTHING_IN_COMMON);
    (distance + 1e-9).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_and_distance_agree() {
        for distance in 0..=NOTHING_IN_COMMON {
            assert_eq!(distance_within(similarity_at(distance)), distance);
        }
        assert_eq!((distance_within(0.8), distance_within(0.85), distance_within(1.0)), (32, 24, 0));
        assert!(similarity_at(128) < 0.21 && similarity_at(256).abs() < f64::EPSILON);
    }

    #[test]
    fn a_wave_is_one_frequency() {
        let wave = |(x, y): (usize, usize)| {
            let at = |place: usize, wave: usize| (PI / 128.0 * (wave * (2 * place + 1)) as f32).cos();
            let mut gray = Gray(Box::new([[0.0; SIDE]; SIDE]));
            for (row, values) in gray.0.iter_mut().enumerate() {
                values.iter_mut().enumerate().for_each(|(place, value)| *value = at(place, x) * at(row, y));
            }
            frequencies(&gray)
        };
        let found = wave((3, 5));
        for (index, value) in found.iter().enumerate() {
            // Row by row: the frequency down the rows first.
            let expected = if index == 4 * FREQUENCIES + 2 { 32.0 } else { 0.0 };
            assert!((value - expected).abs() < 0.01, "{index}: {value}");
        }
    }

    #[test]
    fn half_of_the_bits_are_set() {
        let mut gray = Gray(Box::new([[0.0; SIDE]; SIDE]));
        let mut state = 1u32;
        for value in gray.0.iter_mut().flatten() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *value = (state >> 24) as f32;
        }
        let print = Print::of(&gray).unwrap();
        assert_eq!(print.0.iter().map(|byte| byte.count_ones()).sum::<u32>(), 127);
    }
}
