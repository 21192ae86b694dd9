//! Distances on the globe and the speeds they imply.

use portcullis_domain::Place;

/// The Earth's mean radius, km (IUGG).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// The shortest time that a journey is taken to have had, ms. Two backends' events a second apart say nothing exact
/// about the time between them, and a speed must stay finite; in a minute an airliner makes 15 km.
const MIN_ELAPSED_MS: i64 = 60_000;

/// Great-circle distance, km, by the haversine formula: within 0.6 % of the distance on the ellipsoid, far less than
/// what geo-IP tables are off by.
pub fn distance_km(from: Place, to: Place) -> f64 {
    let half_sine_squared = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let (from_latitude, to_latitude) = (from.latitude.to_radians(), to.latitude.to_radians());
    let haversine = half_sine_squared(to.latitude - from.latitude)
        + from_latitude.cos() * to_latitude.cos() * half_sine_squared(to.longitude - from.longitude);
    2.0 * EARTH_RADIUS_KM * haversine.clamp(0.0, 1.0).sqrt().asin()
}

/// The speed, km/h, of going that far in that time. Times of less than a minute count as a minute; a negative time,
/// that of an event that arrives late, counts as long as it is.
pub fn speed_kmh(distance_km: f64, elapsed_ms: i64) -> f64 {
    let elapsed_ms = elapsed_ms.saturating_abs().max(MIN_ELAPSED_MS);
    distance_km / (elapsed_ms as f64 / 3_600_000.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LONDON: Place = Place { latitude: 51.5074, longitude: -0.1278 };
    const NEW_YORK: Place = Place { latitude: 40.7128, longitude: -74.0060 };

    #[test]
    fn knows_some_distances() {
        assert!((distance_km(LONDON, NEW_YORK) - 5_570.0).abs() < 5.0);
        let antipode = Place { latitude: -51.5074, longitude: 179.8722 };
        assert!((distance_km(LONDON, antipode) - 20_015.0).abs() < 5.0);
        let (fiji, samoa) =
            (Place { latitude: -18.0, longitude: 179.0 }, Place { latitude: -14.0, longitude: -172.0 });
        assert!(distance_km(fiji, samoa) < 1_200.0, "the date line is no wall");
    }

    #[test]
    fn speeds_stay_finite() {
        assert!((speed_kmh(900.0, 3_600_000) - 900.0).abs() < 1e-9);
        assert!((speed_kmh(15.0, 0) - 900.0).abs() < 1e-9);
        assert!((speed_kmh(900.0, -3_600_000) - 900.0).abs() < 1e-9);
        assert!(speed_kmh(20_000.0, i64::MIN).is_finite());
    }

    proptest! {
        #[test]
        fn is_symmetric_and_at_most_half_the_globe(
            a in (-90.0..=90.0, -180.0..=180.0),
            b in (-90.0..=90.0, -180.0..=180.0),
        ) {
            let [a, b] = [a, b].map(|(latitude, longitude)| Place { latitude, longitude });
            let distance = distance_km(a, b);
            prop_assert!((0.0..=20_016.0).contains(&distance));
            prop_assert!((distance - distance_km(b, a)).abs() < 1e-6);
            prop_assert!(distance_km(a, a) < 1e-6);
        }
    }
}
