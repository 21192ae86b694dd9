//! Pictures made for tests, and files of them.

use std::io::Cursor;

/// A gray picture of any size.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

/// Numbers that look random and are always the same (a linear congruence, Numerical Recipes).
pub(crate) struct Dice(pub(crate) u32);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % below
    }
}

impl Picture {
    pub(crate) fn new(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Self {
        let pixels = (0..width * height).map(|index| pixel(index % width, index / width)).collect();
        Self { width, height, pixels }
    }

    /// A slope of light, thirty shapes, and some noise: another one for every `seed`.
    pub(crate) fn scene(seed: u32) -> Self {
        let mut dice = Dice(seed.wrapping_mul(2_654_435_761).wrapping_add(1));
        let (down, across) = (dice.roll(100), dice.roll(100));
        let mut picture = Self::new(480, 320, |x, y| (40 + x * across / 480 + y * down / 320) as u8);
        for _ in 0..30 {
            let (x, y) = (dice.roll(480), dice.roll(320));
            let (width, height, gray) = (10 + dice.roll(110), 10 + dice.roll(80), dice.roll(256) as u8);
            let is_round = dice.roll(2) == 0;
            picture.draw(x, y, width, height, is_round, gray);
        }
        picture.pixels.iter_mut().for_each(|pixel| *pixel = pixel.saturating_add(dice.roll(9) as u8));
        picture
    }

    fn draw(&mut self, left: usize, top: usize, width: usize, height: usize, is_round: bool, gray: u8) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                let across = (2 * (x - left)) as f64 / width as f64 - 1.0;
                let down = (2 * (y - top)) as f64 / height as f64 - 1.0;
                if !is_round || across.hypot(down) <= 1.0 {
                    self.pixels[y * self.width + x] = gray;
                }
            }
        }
    }

    /// A copy whose pixels are those nearest to theirs in this part of the picture.
    fn taken(&self, left: f64, top: f64, part: f64, width: usize, height: usize) -> Self {
        let at = |place: usize, new: usize, old: usize, start: f64| {
            ((start + (place as f64 + 0.5) / new as f64 * part) * old as f64) as usize
        };
        Self::new(width, height, |x, y| {
            self.pixels[at(y, height, self.height, top) * self.width + at(x, width, self.width, left)]
        })
    }

    pub(crate) fn resized(&self, width: usize, height: usize) -> Self {
        self.taken(0.0, 0.0, 1.0, width, height)
    }

    /// Without this part of each side, at each edge.
    pub(crate) fn cropped(&self, part: f64) -> Self {
        let left = 1.0 - 2.0 * part;
        self.taken(
            part,
            part,
            left,
            (self.width as f64 * left) as usize,
            (self.height as f64 * left) as usize,
        )
    }

    pub(crate) fn brightened(&self, by: i16) -> Self {
        let pixels = self.pixels.iter().map(|&pixel| (i16::from(pixel) + by).clamp(0, 255) as u8).collect();
        Self { pixels, ..self.clone() }
    }

    /// Turned by 90 degrees clockwise.
    pub(crate) fn turned(&self) -> Self {
        Self::new(self.height, self.width, |x, y| self.pixels[(self.height - 1 - x) * self.width + y])
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&self.pixels).unwrap();
        file
    }

    pub(crate) fn jpeg(&self, quality: u8) -> Vec<u8> {
        self.jpeg_with(quality, false, None)
    }

    pub(crate) fn jpeg_with(&self, quality: u8, is_progressive: bool, exif: Option<&[u8]>) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, quality);
        encoder.set_progressive(is_progressive);
        if let Some(exif) = exif {
            encoder.add_app_segment(1, exif.to_vec()).unwrap();
        }
        let rgb: Vec<u8> = self.pixels.iter().flat_map(|&gray| [gray; 3]).collect();
        let (width, height) = (self.width as u16, self.height as u16);
        encoder.encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
        file
    }

    pub(crate) fn webp(&self) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let encoder = image_webp::WebPEncoder::new(&mut file);
        let (width, height) = (self.width as u32, self.height as u32);
        encoder.encode(&self.pixels, width, height, image_webp::ColorType::L8).unwrap();
        file.into_inner()
    }
}
