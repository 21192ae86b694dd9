//! `/v1/fraud/duplicates`.

mod limits;
mod search;

use std::io::Write as _;

use portcullis_testkit::{Call, TestApp};
use serde_json::Value;

pub(super) const SEARCH: &str = "/v1/fraud/duplicates/search";

/// A picture of 8 × 5 gray fields, another one for every `seed`, as a PNG in Base64.
pub(super) fn picture(seed: usize, lighter: usize) -> String {
    let gray = |x: usize, y: usize| {
        let (x, y) = (x / 20 + seed, y / 20 + 3 * seed);
        ((37 * x * x + 91 * y + 53 * x * y * seed) % 200 + lighter) as u8
    };
    base64(&png(160, 100, gray))
}

fn png(width: u32, height: u32, gray: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    for y in 0..height as usize {
        let row: Vec<u8> = (0..width as usize).map(|x| gray(x, y)).collect();
        stream.write_all(&row).unwrap();
    }
    stream.finish().unwrap();
    drop(writer);
    file
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn call(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post(SEARCH, body).bearer(key)
}

async fn search(app: &TestApp, key: &str, body: &Value) -> Value {
    call(app, key, body).send().await.expect_json(200)
}

/// The verifications that were found, in their order.
fn verifications(answer: &Value) -> Vec<&str> {
    let matches = answer["matches"].as_array().unwrap();
    matches.iter().map(|found| found["verification_id"].as_str().unwrap()).collect()
}
