//! What became of a device's sessions, in the dialects that judge sessions.
//!
//! A session that is judged again counts once: its latest verdict stands in the place of the earlier one, as long as it
//! is one of the last [`RECENT`].

use domain::{Decision, Dialect, EntityKey, EventId, Timestamp, varint};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::Error;

/// How many of a device's sessions are remembered one by one.
pub const RECENT: usize = 50;

/// The bands that are counted; what is above the last counts as the last.
const BANDS: usize = 4;

const DAMAGED: Error = Error::Damaged("sessions");

/// What a decision concluded, for the history of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// On whose scale.
    pub dialect: Dialect,
    /// The score.
    pub score: i32,
    /// The index of its band.
    pub band: u8,
    /// The labels that applied.
    pub labels: u32,
}

impl Verdict {
    pub(crate) fn of(decision: &Decision) -> Self {
        let assessment = &decision.assessment;
        let band = assessment.band.min(BANDS as u8 - 1);
        Self { dialect: decision.dialect, score: assessment.score, band, labels: assessment.labels }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.dialect as u8);
        self.encode_bare(out);
    }

    pub(crate) fn decode(bytes: &mut &[u8]) -> Result<Self, Error> {
        let dialect = Dialect::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
        Self::decode_bare(dialect, bytes)
    }

    fn encode_bare(&self, out: &mut Vec<u8>) {
        varint::put_signed(out, i64::from(self.score));
        out.push(self.band);
        varint::put(out, u64::from(self.labels));
    }

    fn decode_bare(dialect: Dialect, bytes: &mut &[u8]) -> Result<Self, Error> {
        let score = i32::try_from(varint::take_signed(bytes)?).map_err(|_| DAMAGED)?;
        let band = varint::take_byte(bytes)?;
        let labels = u32::try_from(varint::take(bytes)?).map_err(|_| DAMAGED)?;
        if usize::from(band) < BANDS { Ok(Self { dialect, score, band, labels }) } else { Err(DAMAGED) }
    }
}

/// What became of a device's sessions in one dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRecord {
    /// When its first session was judged.
    pub first_seen: Timestamp,
    /// Different sessions.
    pub sessions: u64,
    /// Sessions by the band of their latest verdict.
    pub bands: [u32; BANDS],
    /// When a session was last judged to be in each band.
    pub last_at_band: [Option<Timestamp>; BANDS],
    /// The labels that were ever given, by their bit.
    pub labels: SmallVec<[LabelCount; 4]>,
    /// The last [`RECENT`] sessions in the order of their latest verdicts, oldest first.
    pub recent: Vec<SessionMark>,
}

/// How often a label was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelCount {
    /// The label's bit.
    pub label: u8,
    /// Sessions whose latest verdict has it.
    pub count: u32,
    /// When it was last given.
    pub last_at: Timestamp,
}

/// The latest verdict on one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMark {
    /// Which session.
    pub session: EntityKey,
    /// The event that was judged.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// The score.
    pub score: i32,
    /// The index of its band.
    pub band: u8,
    /// The labels that applied.
    pub labels: u32,
}

impl DeviceRecord {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            first_seen: at,
            sessions: 0,
            bands: [0; BANDS],
            last_at_band: [None; BANDS],
            labels: SmallVec::new(),
            recent: Vec::new(),
        }
    }

    /// Adds a verdict on `session`.
    pub(crate) fn add(&mut self, session: EntityKey, verdict: Verdict, event: EventId, at: Timestamp) {
        self.first_seen = self.first_seen.min(at);
        match self.recent.iter().position(|mark| mark.session == session) {
            Some(place) => {
                let earlier = self.recent.remove(place);
                self.take_back(&earlier);
            }
            None => self.sessions += 1,
        }
        let Verdict { score, band, labels, .. } = verdict;
        self.count(band, labels, at);
        let place = self.recent.iter().rposition(|mark| mark.at <= at).map_or(0, |place| place + 1);
        self.recent.insert(place, SessionMark { session, event, at, score, band, labels });
        if self.recent.len() > RECENT {
            self.recent.remove(0);
        }
    }

    fn count(&mut self, band: u8, labels: u32, at: Timestamp) {
        let band = usize::from(band);
        self.bands[band] += 1;
        self.last_at_band[band] = self.last_at_band[band].max(Some(at));
        for label in bits(labels) {
            let place = self.labels.partition_point(|known| known.label < label);
            if self.labels.get(place).is_none_or(|known| known.label != label) {
                self.labels.insert(place, LabelCount { label, count: 0, last_at: at });
            }
            let known = &mut self.labels[place];
            known.count += 1;
            known.last_at = known.last_at.max(at);
        }
    }

    fn take_back(&mut self, earlier: &SessionMark) {
        let band = &mut self.bands[usize::from(earlier.band)];
        *band = band.saturating_sub(1);
        for known in self.labels.iter_mut().filter(|known| earlier.labels >> known.label & 1 == 1) {
            known.count = known.count.saturating_sub(1);
        }
        self.labels.retain(|known| known.count > 0);
    }

    /// Appends the stored form; times are told from `base`.
    pub(crate) fn encode(&self, base: i64, out: &mut Vec<u8>) {
        let put_time = |at: Timestamp, out: &mut Vec<u8>| varint::put_signed(out, at.as_millis() - base);
        put_time(self.first_seen, out);
        varint::put(out, self.sessions);
        for (count, last_at) in self.bands.iter().zip(self.last_at_band) {
            varint::put(out, u64::from(*count));
            out.push(u8::from(last_at.is_some()));
            if let Some(last_at) = last_at {
                put_time(last_at, out);
            }
        }
        varint::put(out, self.labels.len() as u64);
        for known in &self.labels {
            out.push(known.label);
            varint::put(out, u64::from(known.count));
            put_time(known.last_at, out);
        }
        varint::put(out, self.recent.len() as u64);
        for mark in &self.recent {
            out.extend_from_slice(&mark.session.as_u64().to_le_bytes());
            out.extend_from_slice(&mark.event.as_u64().to_le_bytes());
            put_time(mark.at, out);
            varint::put_signed(out, i64::from(mark.score));
            out.push(mark.band);
            varint::put(out, u64::from(mark.labels));
        }
    }

    pub(crate) fn decode(base: i64, dialect: Dialect, bytes: &mut &[u8]) -> Result<Self, Error> {
        let time = |bytes: &mut &[u8]| -> Result<Timestamp, Error> {
            Ok(Timestamp::from_millis(base.wrapping_add(varint::take_signed(bytes)?)))
        };
        let count = |bytes: &mut &[u8]| -> Result<u32, Error> {
            u32::try_from(varint::take(bytes)?).map_err(|_| DAMAGED)
        };
        let mut record = Self::new(time(bytes)?);
        record.sessions = varint::take(bytes)?;
        for band in 0..BANDS {
            record.bands[band] = count(bytes)?;
            record.last_at_band[band] = match varint::take_byte(bytes)? {
                0 => None,
                1 => Some(time(bytes)?),
                _ => return Err(DAMAGED),
            };
        }
        for _ in 0..varint::take_length(bytes)? {
            let label = varint::take_byte(bytes)?;
            record.labels.push(LabelCount { label, count: count(bytes)?, last_at: time(bytes)? });
        }
        for _ in 0..varint::take_length(bytes)? {
            let session = EntityKey::from_u64(u64::from_le_bytes(varint::take_array(bytes)?));
            let event = EventId::from_u64(u64::from_le_bytes(varint::take_array(bytes)?));
            let at = time(bytes)?;
            let Verdict { score, band, labels, .. } = Verdict::decode_bare(dialect, bytes)?;
            record.recent.push(SessionMark { session, event, at, score, band, labels });
        }
        Ok(record)
    }
}

fn bits(labels: u32) -> impl Iterator<Item = u8> {
    (0..32).filter(move |bit| labels >> bit & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(BASE + seconds * 1_000)
    }

    fn verdict(score: i32, band: u8, labels: u32) -> Verdict {
        Verdict { dialect: Dialect::Fraudsense, score, band, labels }
    }

    fn record(verdicts: &[(u64, Verdict)]) -> DeviceRecord {
        let mut record = DeviceRecord::new(at(0));
        for (&(session, verdict), second) in verdicts.iter().zip(0..) {
            record.add(EntityKey::from_u64(session), verdict, EventId::from_u64(second as u64), at(second));
        }
        record
    }

    #[test]
    fn each_session_counts_once_by_its_latest_verdict() {
        let record =
            record(&[(1, verdict(80, 3, 0b101)), (2, verdict(50, 2, 0b1)), (1, verdict(10, 0, 0b10))]);
        assert_eq!(record.sessions, 2);
        assert_eq!(record.bands, [1, 0, 1, 0]);
        assert_eq!(record.last_at_band, [Some(at(2)), None, Some(at(1)), Some(at(0))]);
        let labels: Vec<_> = record.labels.iter().map(|known| (known.label, known.count)).collect();
        assert_eq!(labels, [(0, 1), (1, 1)]);
        let scores: Vec<_> = record.recent.iter().map(|mark| mark.score).collect();
        assert_eq!(scores, [50, 10]);
    }

    #[test]
    fn remembers_the_last_fifty_one_by_one() {
        let verdicts: Vec<_> = (0..80).map(|session| (session, verdict(session as i32, 0, 0))).collect();
        let record = record(&verdicts);
        assert_eq!((record.sessions, record.bands[0], record.recent.len()), (80, 80, RECENT));
        assert_eq!((record.recent[0].score, record.recent[RECENT - 1].score), (30, 79));
    }

    #[test]
    fn a_late_verdict_takes_its_place_in_time() {
        let mut record = record(&[(1, verdict(1, 0, 0)), (2, verdict(2, 0, 0))]);
        record.add(EntityKey::from_u64(3), verdict(3, 0, 0), EventId::from_u64(9), at(-5));
        assert_eq!(record.first_seen, at(-5));
        assert_eq!(record.recent.iter().map(|mark| mark.score).collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[test]
    fn the_stored_form_reads_back() {
        let verdicts: Vec<_> =
            (0..60).map(|n| (n % 55, verdict(n as i32 - 3, (n % 4) as u8, (n * 7) as u32))).collect();
        let record = record(&verdicts);
        let mut out = Vec::new();
        record.encode(BASE, &mut out);
        let read = DeviceRecord::decode(BASE, Dialect::Fraudsense, &mut out.as_slice()).unwrap();
        assert_eq!(read, record);
        for cut in 0..out.len() {
            assert!(DeviceRecord::decode(BASE, Dialect::Fraudsense, &mut &out[..cut]).is_err());
        }
    }
}
