//! What the same picture comes to, and what another one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use png::{BitDepth, ColorType};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    Features, ImageError, Print, extract, extract_bytes, similarity, similarity_at,
    testing::{Dice, Picture},
};

/// The usual threshold of the APIs.
const SAME: f64 = 0.85;

fn features(file: &[u8]) -> Features {
    extract_bytes(file).unwrap()
}

fn compared(a: &[u8], b: &[u8]) -> f64 {
    similarity(&features(a), &features(b)).unwrap()
}

/// A form, with somebody's photo and lines of text on it.
fn document(form: &Picture, person: u32) -> Picture {
    let (mut document, photo) = (form.clone(), Picture::scene(1_000 + person).resized(130, 180));
    for (y, row) in photo.pixels.chunks(photo.width).enumerate() {
        document.pixels[(70 + y) * 480 + 30..][..130].copy_from_slice(row);
    }
    let mut dice = Dice(person);
    for line in 0..5 {
        let mut x = 190;
        while x < 420 {
            let width = 2 + dice.roll(12);
            for y in 80 + line * 40..100 + line * 40 {
                document.pixels[y * 480 + x..][..width].fill(20);
            }
            x += width + 2 + dice.roll(8);
        }
    }
    document
}

#[test]
fn the_same_picture_is_known_again() {
    for seed in 0..3 {
        let picture = Picture::scene(seed);
        let original = picture.png();
        for (change, file) in [
            ("webp", picture.webp()),
            ("jpeg 95", picture.jpeg(95)),
            ("jpeg 50", picture.jpeg(50)),
            ("jpeg 10", picture.jpeg(10)),
            ("progressive", picture.jpeg_with(80, true, None)),
            ("smaller", picture.resized(161, 107).jpeg(80)),
            ("larger", picture.resized(700, 470).jpeg(80)),
            ("out of shape", picture.resized(300, 300).jpeg(80)),
            ("brighter", picture.brightened(40).jpeg(90)),
            ("darker", picture.brightened(-30).jpeg(90)),
            ("cropped", picture.cropped(0.005).jpeg(90)),
        ] {
            let similarity = compared(&original, &file);
            assert!(similarity >= SAME, "scene {seed}, {change}: {similarity}");
        }
    }
}

#[test]
fn a_drawing_of_few_frequencies_is_known_again() {
    let drawing = |lighter: usize| {
        let gray = |x: usize, y: usize| (37 * x * x + 91 * y + 53 * x * y) % 200 + lighter;
        Picture::new(160, 100, |x, y| gray(x / 20, y / 20) as u8).png()
    };
    assert!(compared(&drawing(0), &drawing(40)) > 0.98);
}

#[test]
fn other_pictures_are_not_alike() {
    let scenes: Vec<_> = (0..12).map(|seed| features(&Picture::scene(seed).png())).collect();
    for (index, a) in scenes.iter().enumerate() {
        for b in &scenes[..index] {
            assert!(similarity(a, b).unwrap() < 0.5);
        }
    }
}

#[test]
fn documents_on_one_form_are_told_apart() {
    let form = Picture::scene(77);
    let documents: Vec<_> = (0..6).map(|person| document(&form, person)).collect();
    let prints: Vec<_> = documents.iter().map(|document| features(&document.png())).collect();
    for (index, a) in prints.iter().enumerate() {
        let again = features(&documents[index].resized(400, 267).jpeg(60));
        assert!(similarity(a, &again).unwrap() >= SAME);
        for b in &prints[..index] {
            let similarity = similarity(a, b).unwrap();
            assert!(similarity < 0.8, "{similarity}");
        }
    }
}

#[test]
fn a_turned_photo_is_put_upright() {
    let picture = Picture::scene(4);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0".to_vec();
    let turned = picture.turned().jpeg_with(90, false, Some(&exif));
    assert!(compared(&picture.png(), &turned) >= 0.95);
    // 1 instead of 8: as it is.
    exif[24] = 1;
    assert!(compared(&picture.png(), &picture.turned().jpeg_with(90, false, Some(&exif))) < 0.6);
}

#[test]
fn a_plain_picture_is_like_its_own_file_only() {
    let mut dice = Dice(9);
    let noise: Vec<_> = (0..300 * 200).map(|_| 240 + dice.roll(8) as u8).collect();
    let plain = [
        Picture::new(300, 200, |_, _| 255),
        Picture::new(300, 200, |_, _| 128),
        Picture::new(300, 200, |x, y| noise[y * 300 + x]),
        Picture::new(300, 200, |x, _| (x % 20) as u8 * 12),
        Picture::new(300, 200, |_, y| y as u8),
    ];
    for (index, picture) in plain.iter().enumerate() {
        let own = features(&picture.png());
        assert_eq!(own.print, None, "{index}");
        assert_eq!(similarity(&own, &own), Some(1.0));
        for other in plain.iter().filter(|other| other.pixels != picture.pixels) {
            assert_eq!(similarity(&own, &features(&other.png())), None);
        }
        assert_eq!(similarity(&own, &features(&picture.jpeg(50))), None);
        assert_eq!(similarity(&own, &features(&Picture::scene(1).png())), None);
    }
}

#[test]
fn every_kind_of_png_is_the_same_picture() {
    let picture = Picture::scene(2);
    let (width, height) = (picture.width as u32, picture.height as u32);
    let file = |color, depth, pixels: &[u8]| {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette((0..=255).flat_map(|gray| [gray; 3]).collect::<Vec<_>>());
        }
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        features(&file).print
    };
    let wide = |channels: fn(u8) -> Vec<u8>| -> Vec<u8> {
        picture.pixels.iter().flat_map(|&gray| channels(gray)).collect()
    };

    let expected = features(&picture.png()).print;
    assert!(expected.is_some());
    assert_eq!(file(ColorType::Rgb, BitDepth::Eight, &wide(|g| vec![g, g, g])), expected);
    assert_eq!(file(ColorType::Rgba, BitDepth::Eight, &wide(|g| vec![g, g, g, 255])), expected);
    assert_eq!(file(ColorType::GrayscaleAlpha, BitDepth::Eight, &wide(|g| vec![g, 255])), expected);
    assert_eq!(file(ColorType::Grayscale, BitDepth::Sixteen, &wide(|g| vec![g, 77])), expected);
    assert_eq!(file(ColorType::Indexed, BitDepth::Eight, &wide(|g| vec![g])), expected);
}

/// Files that say they are of a size, and have next to no data.
fn bombs() -> Vec<Vec<u8>> {
    let png = |width: u32, height: u32| {
        let mut file = Vec::new();
        let encoder = png::Encoder::new(&mut file, width, height);
        drop(encoder.write_header().unwrap());
        file
    };
    let jpeg = |width: u16, height: u16| {
        let mut file = Picture::scene(0).resized(16, 16).jpeg(50);
        let frame = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        file[frame + 5..frame + 9].copy_from_slice(&[height.to_be_bytes(), width.to_be_bytes()].concat());
        file
    };
    let webp = |width: u32, height: u32| {
        let mut chunk = b"VP8L\x05\0\0\0\x2f".to_vec();
        chunk.extend(((width - 1) | (height - 1) << 14).to_le_bytes());
        chunk.push(0);
        let mut file = b"RIFF".to_vec();
        file.extend((chunk.len() as u32 + 4).to_le_bytes());
        file.extend(b"WEBP");
        file.extend(chunk);
        file
    };
    vec![
        png(50_000, 50_000),
        png(10_000, 4_001),
        png(u32::MAX >> 1, 16),
        png(15, 500),
        jpeg(65_535, 65_535),
        jpeg(10_000, 4_001),
        jpeg(500, 8),
        webp(16_384, 16_384),
        webp(1, 1),
    ]
}

#[test]
fn sizes_are_refused_before_decoding() {
    for (index, file) in bombs().iter().enumerate() {
        assert_eq!(extract_bytes(file), Err(ImageError::Dimensions), "{index}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let picture = Picture::scene(3);
    let (png, jpeg, webp) = (picture.png(), picture.jpeg(80), picture.webp());
    for file in [&png, &webp] {
        assert_eq!(extract_bytes(&file[..file.len() / 2]), Err(ImageError::Damaged));
    }
    for file in [&png[..20], &jpeg[..20], &webp[..20]] {
        assert_eq!(extract_bytes(file), Err(ImageError::Damaged));
    }
    for file in [&b"GIF89a\x10\0\x10\0"[..], b"<svg/>", b"%PDF-1.7", b"BM", b"II*\0", b""] {
        assert_eq!(extract_bytes(file), Err(ImageError::Unsupported));
    }
    assert_eq!(extract(&STANDARD.encode(b"hello")), Err(ImageError::Unsupported));
    assert_eq!(extract("no image"), Err(ImageError::Base64));
    assert_eq!(extract_bytes(&vec![0; crate::MOST_BYTES + 1]), Err(ImageError::TooLarge));
    let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(&png));
    assert_eq!(extract(&url), extract_bytes(&png));
    for (error, text) in [
        (ImageError::TooLarge, "may have at most 8 MiB when it is decoded from Base64"),
        (ImageError::Dimensions, "must have sides of 16 to 10000 pixels, and at most 40 megapixels"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

/// A small file of each kind, to be damaged.
fn small_files() -> [Vec<u8>; 4] {
    let picture = Picture::scene(5).resized(48, 40);
    [picture.png(), picture.jpeg(70), picture.jpeg_with(70, true, None), picture.webp()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_never_panic(
        kind in 0usize..4,
        changes in vec((any::<Index>(), any::<u8>()), 1..12),
        end in any::<Option<Index>>(),
    ) {
        let mut file = small_files()[kind].clone();
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        if let Some(end) = end {
            file.truncate(end.index(file.len()));
        }
        let _ = extract_bytes(&file);
    }

    #[test]
    fn arbitrary_bytes_never_panic(kind in 0usize..5, tail in vec(any::<u8>(), 0..300)) {
        let starts: [&[u8]; 5] =
            [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff", b"RIFF\x99\0\0\0WEBPVP8 ", b"RIFF\x99\0\0\0WEBPVP8X"];
        let _ = extract_bytes(&[starts[kind], &tail].concat());
    }

    #[test]
    fn arbitrary_texts_never_panic(text in "(data:)?[a-z/;,=+_-]{0,40}|\\PC{0,40}") {
        let _ = extract(&text);
    }

    #[test]
    fn similarity_falls_with_every_differing_bit(a: [u8; 32], order in Just((0..256usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (original, mut other, mut last) = (Print(a), Print(a), 1.0);
        for (distance, bit) in order.into_iter().enumerate() {
            other.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(original.distance(other), distance as u32 + 1);
            let similarity = similarity_at(original.distance(other));
            prop_assert!((0.0..=1.0).contains(&similarity));
            prop_assert!(similarity < last || (similarity <= 0.0 && distance >= 159));
            last = similarity;
        }
    }
}
