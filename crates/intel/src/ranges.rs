//! Ranges of addresses that each carry a number: sorted arrays, found by binary search.

use std::net::IpAddr;

use ipnet::IpNet;

/// Marks addresses that no range holds.
const NONE: u32 = u32::MAX;

/// An address of one family as a number.
pub(crate) trait Bits: Copy + Ord {
    /// The address after this one, unless it is the last.
    fn next(self) -> Option<Self>;
}

impl Bits for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Bits for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// The ranges of one family. Each value holds from its start up to the next start.
#[derive(Debug)]
pub(crate) struct Ranges<K> {
    starts: Vec<K>,
    values: Vec<u32>,
}

impl<K> Default for Ranges<K> {
    fn default() -> Self {
        Self { starts: Vec::new(), values: Vec::new() }
    }
}

impl<K: Bits> Ranges<K> {
    /// Appends `value` for the range from `first` to `last`; ranges come in order and do not overlap.
    pub(crate) fn push(&mut self, first: K, last: K, value: u32) {
        self.start(first, value);
        if let Some(next) = last.next() {
            self.start(next, NONE);
        }
    }

    /// From `start` on the value is `value`. A second value for the same start replaces the first.
    fn start(&mut self, start: K, value: u32) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.values.pop();
        }
        if *self.values.last().unwrap_or(&NONE) != value {
            self.starts.push(start);
            self.values.push(value);
        }
    }

    fn get(&self, key: K) -> Option<u32> {
        let after = self.starts.partition_point(|&start| start <= key);
        let value = self.values[after.checked_sub(1)?];
        (value != NONE).then_some(value)
    }

    /// Lays nested networks, given as (first, last, value), over each other: the smallest one that holds an address
    /// wins, and of two equal ones the later.
    fn from_nested(mut nested: Vec<(K, K, u32)>) -> Self {
        // Stable, so that of equal networks the later one stays behind the earlier one.
        nested.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let mut ranges = Self::default();
        let mut open: Vec<(K, u32)> = Vec::new();
        for (first, last, value) in nested {
            ranges.close(&mut open, |end| end < first);
            open.push((last, value));
            ranges.start(first, value);
        }
        ranges.close(&mut open, |_| true);
        ranges.starts.shrink_to_fit();
        ranges.values.shrink_to_fit();
        ranges
    }

    /// Ends the open networks that are over, innermost first: what surrounds each goes on behind it.
    fn close(&mut self, open: &mut Vec<(K, u32)>, is_over: impl Fn(K) -> bool) {
        while let Some(&(end, _)) = open.last().filter(|(end, _)| is_over(*end)) {
            open.pop();
            if let Some(next) = end.next() {
                self.start(next, open.last().map_or(NONE, |&(_, value)| value));
            }
        }
    }
}

/// Ranges of both families.
#[derive(Debug, Default)]
pub(crate) struct IpRanges {
    pub(crate) v4: Ranges<u32>,
    pub(crate) v6: Ranges<u128>,
}

impl IpRanges {
    /// The table of these networks: the most specific one that holds an address wins, and of two equal ones the later.
    pub(crate) fn from_networks(networks: impl IntoIterator<Item = (IpNet, u32)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (network, value) in networks {
            match network {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits(), value)),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits(), value)),
            }
        }
        Self { v4: Ranges::from_nested(v4), v6: Ranges::from_nested(v6) }
    }

    /// The number of the range that holds the address, which must be in canonical form.
    pub(crate) fn get(&self, ip: IpAddr) -> Option<u32> {
        match ip {
            IpAddr::V4(v4) => self.v4.get(v4.to_bits()),
            IpAddr::V6(v6) => self.v6.get(v6.to_bits()),
        }
    }

    /// Whether a range holds the address.
    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        self.get(ip).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(networks: &[(&str, u32)]) -> IpRanges {
        IpRanges::from_networks(networks.iter().map(|&(net, value)| (net.parse().unwrap(), value)))
    }

    fn get(table: &IpRanges, ip: &str) -> Option<u32> {
        table.get(ip.parse().unwrap())
    }

    #[test]
    fn the_most_specific_network_wins() {
        let table = table(&[("10.1.2.0/24", 3), ("10.0.0.0/8", 1), ("10.1.0.0/16", 2), ("10.0.0.0/16", 4)]);
        assert_eq!(get(&table, "10.1.2.255"), Some(3));
        assert_eq!(get(&table, "10.1.3.0"), Some(2));
        assert_eq!(get(&table, "10.0.1.1"), Some(4));
        assert_eq!(get(&table, "10.2.0.0"), Some(1));
        assert_eq!(get(&table, "9.255.255.255"), None);
        assert_eq!(get(&table, "11.0.0.0"), None);
    }

    #[test]
    fn of_equal_networks_the_later_wins() {
        assert_eq!(get(&table(&[("10.0.0.0/8", 1), ("10.0.0.0/8", 2)]), "10.5.5.5"), Some(2));
    }

    #[test]
    fn reaches_both_ends_of_the_address_space() {
        let table = table(&[("0.0.0.0/0", 1), ("255.255.255.255/32", 2), ("::/0", 3), ("ffff::/16", 4)]);
        assert_eq!(get(&table, "0.0.0.0"), Some(1));
        assert_eq!(get(&table, "255.255.255.254"), Some(1));
        assert_eq!(get(&table, "255.255.255.255"), Some(2));
        assert_eq!(get(&table, "::"), Some(3));
        assert_eq!(get(&table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), Some(4));
    }

    #[test]
    fn agrees_with_a_naive_search() {
        let networks: Vec<(IpNet, u32)> = (0..200_u32)
            .map(|i| {
                let bits = i.wrapping_mul(2_654_435_761) & 0x0000_ffff;
                let net = ipnet::Ipv4Net::new(bits.into(), 18 + (i % 15) as u8).unwrap().trunc();
                (IpNet::V4(net), i)
            })
            .collect();
        let table = IpRanges::from_networks(networks.iter().copied());
        for bits in 0..0x0001_0000_u32 {
            let ip = IpAddr::V4(bits.into());
            let naive = networks
                .iter()
                .filter(|(net, _)| net.contains(&ip))
                .max_by_key(|(net, value)| (net.prefix_len(), *value));
            assert_eq!(table.get(ip), naive.map(|&(_, value)| value), "{ip}");
        }
    }
}
