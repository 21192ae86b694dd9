//! Places as they are stored.

use domain::{Place, varint};
use portcullis_domain as domain;

use crate::Error;

/// A place to a ten-thousandth of a degree (11 m), which is finer than any address can be located.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GridPlace {
    latitude: i32,
    longitude: i32,
}

const GRID_PER_DEGREE: f64 = 10_000.0;

impl From<Place> for GridPlace {
    fn from(place: Place) -> Self {
        let to_grid = |degrees: f64| (degrees * GRID_PER_DEGREE).round() as i32;
        Self { latitude: to_grid(place.latitude), longitude: to_grid(place.longitude) }
    }
}

impl From<GridPlace> for Place {
    fn from(grid: GridPlace) -> Self {
        let to_degrees = |grid: i32| f64::from(grid) / GRID_PER_DEGREE;
        Self { latitude: to_degrees(grid.latitude), longitude: to_degrees(grid.longitude) }
    }
}

pub(super) fn put_place(place: Option<GridPlace>, out: &mut Vec<u8>) {
    match place {
        None => out.push(0),
        Some(place) => {
            out.push(1);
            out.extend_from_slice(&place.latitude.to_le_bytes());
            out.extend_from_slice(&place.longitude.to_le_bytes());
        }
    }
}

pub(super) fn take_place(bytes: &mut &[u8]) -> Result<Option<GridPlace>, Error> {
    match varint::take_byte(bytes)? {
        0 => Ok(None),
        1 => Ok(Some(GridPlace {
            latitude: i32::from_le_bytes(varint::take_array(bytes)?),
            longitude: i32::from_le_bytes(varint::take_array(bytes)?),
        })),
        _ => Err(Error::Damaged("place")),
    }
}
