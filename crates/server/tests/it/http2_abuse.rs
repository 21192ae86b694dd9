//! HTTP/2 frames by hand: what no client sends, but an attacker does.

use portcullis_server::listen::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Running, patient, start, within};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET http://a/`, as the static table has it.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x41, 1, b'a'];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Sends a preface and then `attack` until the server has had enough; its GOAWAY's error code, if it sent one.
async fn attack(server: &Running, attack: impl Iterator<Item = Vec<u8>>) -> Option<u32> {
    let (mut reader, mut writer) = TcpStream::connect(server.addr).await.unwrap().into_split();
    let reading = tokio::spawn(async move {
        let mut answer = Vec::new();
        let _ = reader.read_to_end(&mut answer).await;
        answer
    });
    let begin = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &frame(SETTINGS, 0, 0, &[])[..]].concat();
    writer.write_all(&begin).await.unwrap();
    for frames in attack {
        if reading.is_finished() || within(writer.write_all(&frames)).await.is_err() {
            break;
        }
    }
    let answer = within(reading).await.unwrap();
    let mut rest = answer.as_slice();
    while let [a, b, c, kind, _, _, _, _, _, tail @ ..] = rest {
        let (payload, next) = tail.split_at(u32::from_be_bytes([0, *a, *b, *c]) as usize);
        if *kind == GOAWAY {
            return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
        rest = next;
    }
    None
}

#[tokio::test]
async fn streams_reset_as_soon_as_they_are_opened_are_answered_with_goaway() {
    let server = start(patient());
    let resets = (0..100_000).map(|number| {
        let stream = number * 2 + 1;
        let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
        [open, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    });
    // In chunks, so that the server sees many at a time.
    let resets: Vec<_> = resets.collect();
    let code = attack(&server, resets.chunks(1_000).map(<[_]>::concat)).await;
    assert_eq!(code, Some(ENHANCE_YOUR_CALM));
    assert!(server.connect().await.get("/healthz").await.ends_with("well"));
}

#[tokio::test]
async fn a_head_that_goes_on_forever_is_cut_off() {
    let server = start(Limits { header_timeout: std::time::Duration::from_mins(1), ..patient() });
    let junk = [&[0x40, 1, b'x', 0x7f, 0x81, 0x7f][..], &[b'x'; 16_000]].concat();
    let begin = frame(HEADERS, END_STREAM, 1, GET);
    let flood = std::iter::once(begin).chain((0..10_000).map(|_| frame(CONTINUATION, 0, 1, &junk)));
    let code = attack(&server, flood).await;
    assert!(code.is_some(), "the connection ended without GOAWAY");
}
