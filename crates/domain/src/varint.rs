//! Little-endian base-128 integers, the building block of everything that is encoded by hand.

/// The bytes are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged bytes")]
pub struct Damaged;

/// Appends `value`, seven bits to a byte.
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number that may be negative. Small negative numbers stay short: 0, -1, 1, -2, … are 0, 1, 2, 3, ….
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a length and that many bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes what [`put`] appended.
pub fn take(bytes: &mut &[u8]) -> Result<u64, Damaged> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(bytes)?;
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Ok(value);
        }
    }
    Err(Damaged)
}

/// Takes what [`put_signed`] appended.
pub fn take_signed(bytes: &mut &[u8]) -> Result<i64, Damaged> {
    let raw = take(bytes)?;
    Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
}

/// Takes one byte.
pub fn take_byte(bytes: &mut &[u8]) -> Result<u8, Damaged> {
    let (&first, rest) = bytes.split_first().ok_or(Damaged)?;
    *bytes = rest;
    Ok(first)
}

/// Takes what [`put_bytes`] appended.
pub fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Damaged> {
    let length = take(bytes)? as usize;
    let (first, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
    *bytes = rest;
    Ok(first)
}

/// Takes `N` bytes.
pub fn take_array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Damaged> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or(Damaged)?;
    *bytes = rest;
    Ok(*first)
}

/// Takes a length that is about to be allocated for: never more than the bytes that are left could hold.
pub fn take_length(bytes: &mut &[u8]) -> Result<usize, Damaged> {
    let length = take(bytes)? as usize;
    if length <= bytes.len() { Ok(length) } else { Err(Damaged) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_is_taken(unsigned: u64, signed: i64, blob: Vec<u8>) {
            let mut out = Vec::new();
            put(&mut out, unsigned);
            put_signed(&mut out, signed);
            put_bytes(&mut out, &blob);
            let mut rest = out.as_slice();
            prop_assert_eq!(take(&mut rest).unwrap(), unsigned);
            prop_assert_eq!(take_signed(&mut rest).unwrap(), signed);
            prop_assert_eq!(take_bytes(&mut rest).unwrap(), blob.as_slice());
            prop_assert!(rest.is_empty());
        }
    }
}
