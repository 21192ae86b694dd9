//! Which autonomous system announces an address: the shipped table, unpacked at load.
//!
//! Layout, after gunzip: the line `portcullis-asn-1`; the number of systems; their numbers in order, each as the
//! difference from the one before; the length of the names and the names, one a line; then for IPv4 and again for
//! IPv6 the number of ranges, and three columns: the gap from the end of the range before, the size (even: log2 times
//! two, odd: size times two plus one), the index of the system. Numbers are LEB128 varints. `data/pack.py` writes it.

use std::{io::Read, net::IpAddr};

use flate2::read::GzDecoder;

use crate::{
    LoadError,
    ranges::{Bits, IpRanges, Ranges},
};

const MAGIC: &[u8] = b"portcullis-asn-1\n";

static SHIPPED: &[u8] = include_bytes!("../../../data/asn.bin.gz");

/// Systems, their names, and the ranges they announce.
#[derive(Debug)]
pub(crate) struct AsnTable {
    ranges: IpRanges,
    numbers: Vec<u32>,
    names: String,
    /// Where each name ends in `names`; the line end after it is not part of it.
    name_ends: Vec<u32>,
}

impl AsnTable {
    /// The table that ships.
    pub(crate) fn shipped() -> Result<Self, LoadError> {
        Self::decode(SHIPPED).ok_or(LoadError::Shipped("asn.bin.gz"))
    }

    fn decode(packed: &[u8]) -> Option<Self> {
        let mut unpacked = Vec::with_capacity(packed.len() * 3);
        GzDecoder::new(packed).read_to_end(&mut unpacked).ok()?;
        let mut rest = unpacked.strip_prefix(MAGIC)?;

        let count = take_count(&mut rest)?;
        let mut numbers = Vec::with_capacity(count);
        let mut number = 0_u32;
        for _ in 0..count {
            number = number.checked_add(u32::try_from(take_varint(&mut rest)?).ok()?)?;
            numbers.push(number);
        }

        let length = take_count(&mut rest)?;
        let names = std::str::from_utf8(rest.get(..length)?).ok()?.to_owned();
        rest = &rest[length..];
        let mut name_ends: Vec<u32> = names.match_indices('\n').map(|(at, _)| at as u32).collect();
        name_ends.push(names.len() as u32);
        if name_ends.len() != count {
            return None;
        }

        let v4 = take_ranges(&mut rest, count, |bits| u32::try_from(bits).ok())?;
        let v6 = take_ranges(&mut rest, count, Some)?;
        Some(Self { ranges: IpRanges { v4, v6 }, numbers, names, name_ends })
    }

    /// The number and the organization, if known, of the system that announces the address.
    pub(crate) fn get(&self, ip: IpAddr) -> Option<(u32, Option<&str>)> {
        let index = self.ranges.get(ip)? as usize;
        Some((self.numbers[index], self.name_at(index)))
    }

    /// The organization that runs this system.
    pub(crate) fn name(&self, number: u32) -> Option<&str> {
        self.numbers.binary_search(&number).ok().and_then(|index| self.name_at(index))
    }

    /// Some systems are known by their number only.
    fn name_at(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(0, |before| self.name_ends[before] as usize + 1);
        Some(&self.names[start..self.name_ends[index] as usize]).filter(|name| !name.is_empty())
    }
}

/// Reads the ranges of one family.
fn take_ranges<K: Bits>(
    rest: &mut &[u8],
    systems: usize,
    to_bits: impl Fn(u128) -> Option<K>,
) -> Option<Ranges<K>> {
    let count = take_count(rest)?;
    let mut spans = Vec::with_capacity(count);
    for _ in 0..count {
        spans.push((take_varint(rest)?, 0));
    }
    let mut next_free = 0_u128;
    for (first, last) in &mut spans {
        let code = take_varint(rest)?;
        let size =
            if code & 1 == 1 { code >> 1 } else { 1_u128.checked_shl(u32::try_from(code >> 1).ok()?)? };
        *first = next_free.checked_add(*first)?;
        *last = first.checked_add(size.checked_sub(1)?)?;
        next_free = last.checked_add(1)?;
    }
    let mut ranges = Ranges::default();
    for (first, last) in spans {
        let system = u32::try_from(take_varint(rest)?).ok().filter(|&index| (index as usize) < systems)?;
        ranges.push(to_bits(first)?, to_bits(last)?, system);
    }
    Some(ranges)
}

/// Reads a count of things of which each takes at least a byte.
fn take_count(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(take_varint(rest)?).ok().filter(|&count| count <= rest.len())
}

fn take_varint(rest: &mut &[u8]) -> Option<u128> {
    let mut number = 0_u128;
    for shift in (0..128).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u128::from(byte & 127) << shift;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_well_known_systems_in_the_shipped_table() {
        let table = AsnTable::shipped().unwrap();
        let cases = [
            ("8.8.8.8", 15169, "Google LLC"),
            ("102.45.67.89", 8452, "TE-AS"),
            ("81.2.69.142", 20712, "Andrews & Arnold Ltd"),
            ("2001:4860:4860::8888", 15169, "Google LLC"),
            ("185.220.101.1", 60729, "Stiftung Erneuerbare Freiheit"),
        ];
        for (ip, number, name) in cases {
            let (found, org) = table.get(ip.parse().unwrap()).unwrap();
            assert_eq!(found, number, "{ip}");
            assert!(org.is_some_and(|org| org.contains(name)), "{ip}: {org:?}");
        }
        assert_eq!(table.get("192.168.1.100".parse().unwrap()), None);
        assert_eq!(table.name(24940), Some("Hetzner Online GmbH"));
        assert_eq!(table.name(4_294_967_294), None);
        assert_eq!(table.name(64512), None);
    }

    #[test]
    fn refuses_damaged_tables() {
        assert!(AsnTable::decode(b"").is_none());
        assert!(AsnTable::decode(&SHIPPED[..SHIPPED.len() / 2]).is_none());
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, b"portcullis-asn-1\n\xff\xff\xff\xff\x0f").unwrap();
        assert!(AsnTable::decode(&packed.finish().unwrap()).is_none());
    }
}
