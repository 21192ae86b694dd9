//! Finding prints that differ in few of their 256 bits, by looking up pieces of them.
//!
//! Multi-index hashing (Norouzi, Punjani and Fleet: "Fast Exact Search in Hamming Space With Multi-Index Hashing", 2014):
//! a print is cut into 17 pieces of 15 bits. If two prints differ in at most 33 bits, they differ in at most one bit of
//! some piece, because two in each would be 34. So looking up each piece and its 15 neighbors misses none, and reads
//! about one enrolled print in 120 when the bits are random. Up to 16 bits some piece is the same, and the neighbors are
//! not looked at: one in 1,900.

use super::ImageKind;

/// How many pieces a print has.
const PIECES: usize = 17;
/// Of so many bits. One of the 256 bits is in no piece.
const PIECE_BITS: usize = 15;

/// The most bits in which two prints may differ for the look-up to miss none.
pub const MOST_DIFFERING_BITS: u32 = 2 * PIECES as u32 - 1;

/// The pieces. Neighboring bits, which are of like frequencies, go to different ones, so that all pieces tell about the
/// same.
fn pieces(bits: &[u8; 32]) -> [u16; PIECES] {
    let mut pieces = [0; PIECES];
    for bit in 0..PIECES * PIECE_BITS {
        let value = u16::from(bits[bit / 8] >> (bit % 8) & 1);
        pieces[bit % PIECES] |= value << (bit / PIECES);
    }
    pieces
}

fn slot(kind: ImageKind, place: usize, piece: u16) -> i64 {
    let place = kind as usize * PIECES + place;
    (place << PIECE_BITS) as i64 | i64::from(piece)
}

/// Where a print is put.
pub(super) fn slots(kind: ImageKind, bits: &[u8; 32]) -> impl Iterator<Item = i64> {
    pieces(bits).into_iter().enumerate().map(move |(place, piece)| slot(kind, place, piece))
}

/// Where prints are that differ in at most `differing` bits, those most alike first; `differing` is at most
/// [`MOST_DIFFERING_BITS`].
pub(super) fn slots_within(kind: ImageKind, bits: &[u8; 32], differing: u32) -> impl Iterator<Item = i64> {
    let neighbors = if differing < PIECES as u32 { 0 } else { PIECE_BITS };
    let pieces = pieces(bits);
    let changes = std::iter::once(0).chain((0..neighbors).map(|bit| 1 << bit));
    changes.flat_map(move |change| {
        pieces.into_iter().enumerate().map(move |(place, piece)| slot(kind, place, piece ^ change))
    })
}

/// In how many bits two prints differ.
pub(super) fn distance(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::{prelude::*, sample::subsequence};

    use super::*;

    fn other(bits: &[u8; 32], changed: &[usize]) -> [u8; 32] {
        let mut other = *bits;
        for bit in changed {
            other[bit / 8] ^= 1 << (bit % 8);
        }
        other
    }

    #[test]
    fn each_kind_and_place_has_slots_of_its_own() {
        let bits = [0xa5; 32];
        let all: HashSet<_> =
            [ImageKind::Face, ImageKind::Document].into_iter().flat_map(|kind| slots(kind, &bits)).collect();
        assert_eq!(all.len(), 2 * PIECES);
        assert_eq!(slots_within(ImageKind::Face, &bits, 16).count(), PIECES);
        assert_eq!(slots_within(ImageKind::Face, &bits, 17).count(), PIECES * 16);
    }

    proptest! {
        #[test]
        fn none_within_the_range_is_missed(
            bits: [u8; 32],
            changed in subsequence((0..256).collect::<Vec<_>>(), 0..=MOST_DIFFERING_BITS as usize),
        ) {
            let enrolled = other(&bits, &changed);
            prop_assert_eq!(distance(&bits, &enrolled), changed.len() as u32);
            let places: HashSet<_> = slots(ImageKind::Face, &enrolled).collect();
            let mut found = slots_within(ImageKind::Face, &bits, changed.len() as u32);
            prop_assert!(found.any(|slot| places.contains(&slot)));
        }
    }
}
