//! How a form was filled in, by a hand or by a program.

use portcullis_domain::Timestamp;
use serde_json::{Value, json};

use super::dice::Dice;

/// A person who sent the form at `sent`, after 9 to 40 s.
pub(super) fn by_hand(sent: Timestamp, dice: &mut Dice) -> Value {
    let took_ms = dice.between(9_000, 40_000);
    form(sent, took_ms, &reach(dice), dice.between(14, 60))
}

/// A program that fills the form in within `took_ms` and moves the pointer along a ruler.
pub(super) fn by_program(sent: Timestamp, took_ms: i64, dice: &mut Dice) -> Value {
    let (x, y) = (dice.between(10, 60), dice.between(10, 60));
    let points = (0..20).map(|step| json!({ "x": x + 20 * step, "y": y + 10 * step, "t": 100 + 16 * step }));
    form(sent, took_ms, &points.collect(), 0)
}

fn form(sent: Timestamp, took_ms: i64, path: &Value, keys: i64) -> Value {
    json!({
        "formStartedAt": sent.plus_millis(-took_ms).as_millis(),
        "formSubmittedAt": sent.as_millis(),
        "mousePath": path,
        "keystrokeCount": keys,
    })
}

/// The way of a hand: an arc, slow at both ends (Flash & Hogan 1985), sampled unevenly.
fn reach(dice: &mut Dice) -> Value {
    let mut t = dice.between(200, 900);
    let points = (0..24).map(|step| {
        let way = f64::from(step) / 23.0;
        let eased = way.powi(3) * (10.0 - 15.0 * way + 6.0 * way * way);
        let (x, y) = (120.0 + 560.0 * eased, 480.0 - 300.0 * eased - 400.0 * way * (1.0 - way));
        t += dice.between(50, 73);
        let shake = |dice: &mut Dice| dice.between(0, 5);
        json!({ "x": x as i64 + shake(dice), "y": y as i64 + shake(dice), "t": t })
    });
    points.collect()
}
