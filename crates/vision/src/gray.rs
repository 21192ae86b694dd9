//! A small gray picture, made row by row from one of any size.

use crate::format::Size;

/// The sides of the small picture.
pub(crate) const SIDE: usize = 64;

/// 64 × 64 pixels of gray, 0 to 255, row by row from the top left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gray(pub(crate) Box<[[f32; SIDE]; SIDE]>);

impl Gray {
    /// The picture with rows and columns swapped.
    pub(crate) fn transposed(&self) -> Self {
        let mut turned = Box::new([[0.0; SIDE]; SIDE]);
        for (y, row) in self.0.iter().enumerate() {
            for (x, &value) in row.iter().enumerate() {
                turned[x][y] = value;
            }
        }
        Self(turned)
    }

    /// Left and right swapped.
    pub(crate) fn mirrored(mut self) -> Self {
        self.0.iter_mut().for_each(|row| row.reverse());
        self
    }

    /// Top and bottom swapped.
    pub(crate) fn upside_down(mut self) -> Self {
        self.0.reverse();
        self
    }
}

/// Makes a [`Gray`] of the mean over each pixel's area, also where edges fall within source pixels, so that a picture and
/// a larger or smaller copy of it come out the same.
pub(crate) struct Reducer {
    size: Size,
    next_row: usize,
    /// Sums of the row's pixels left of each place.
    sums: Vec<f64>,
    small: Box<[[f32; SIDE]; SIDE]>,
}

impl Reducer {
    pub(crate) fn new(size: Size) -> Self {
        let sums = vec![0.0; size.width + 1];
        Self { size, next_row: 0, sums, small: Box::new([[0.0; SIDE]; SIDE]) }
    }

    /// Adds the next row: so many values of 0 to 255, from the left. Missing ones count as the last one, missing rows as
    /// black.
    pub(crate) fn push(&mut self, row: impl Iterator<Item = u8>) {
        let (mut sum, mut last) = (0.0, 0);
        let mut row = row.fuse();
        for place in &mut self.sums[1..] {
            last = row.next().unwrap_or(last);
            sum += f64::from(last);
            *place = sum;
        }
        let scale = SIDE as f64 / self.size.height as f64;
        let (top, bottom) = (self.next_row as f64 * scale, (self.next_row + 1) as f64 * scale);
        self.next_row += 1;
        let rows = top as usize..(bottom.ceil() as usize).min(SIDE);
        for y in rows {
            let share = bottom.min((y + 1) as f64) - top.max(y as f64);
            for x in 0..SIDE {
                let value = self.mean(x) * share.max(0.0);
                self.small[y][x] += value as f32;
            }
        }
    }

    /// The mean of the row's part that one small pixel covers.
    fn mean(&self, x: usize) -> f64 {
        let scale = self.size.width as f64 / SIDE as f64;
        (self.sum_before((x + 1) as f64 * scale) - self.sum_before(x as f64 * scale)) / scale
    }

    fn sum_before(&self, place: f64) -> f64 {
        let whole = (place as usize).min(self.size.width);
        let next = self.sums[(whole + 1).min(self.size.width)];
        self.sums[whole] + (place - whole as f64) * (next - self.sums[whole])
    }

    pub(crate) fn finish(self) -> Gray {
        Gray(self.small)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Gray {
        let mut reducer = Reducer::new(Size { width, height });
        for y in 0..height {
            reducer.push((0..width).map(|x| pixel(x, y)));
        }
        reducer.finish()
    }

    fn farthest(a: &Gray, b: &Gray) -> f32 {
        let values = a.0.iter().flatten().zip(b.0.iter().flatten());
        values.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn every_source_pixel_has_its_share() {
        for (width, height) in [(64, 64), (16, 16), (65, 63), (100, 17), (1_000, 333)] {
            let flat = reduced(width, height, |_, _| 200);
            assert!(flat.0.iter().flatten().all(|value| (value - 200.0).abs() < 0.01), "{width}x{height}");
        }
        let same = reduced(64, 64, |x, y| (x * 3 + y) as u8);
        assert!((same.0[5][7] - 26.0).abs() < 0.001);
    }

    #[test]
    fn a_copy_of_another_size_is_the_same() {
        let ramp = |side: usize| reduced(side, side, move |x, y| ((x * 128 + y * 127) / side) as u8);
        assert!(farthest(&ramp(64), &ramp(500)) < 3.0);
        assert!(farthest(&ramp(640), &ramp(333)) < 1.0);
    }

    #[test]
    fn turns_undo_each_other() {
        let gray = reduced(64, 64, |x, y| (x * 2 + y) as u8);
        assert_eq!(gray.transposed().transposed(), gray);
        assert_eq!(gray.clone().mirrored().mirrored(), gray);
        assert_eq!(gray.clone().upside_down().upside_down(), gray);
        assert!((gray.transposed().0[1][0] - 2.0).abs() < 0.01);
        assert!((gray.clone().mirrored().0[0][0] - 126.0).abs() < 0.01);
        assert!((gray.upside_down().0[0][0] - 63.0).abs() < 0.01);
    }
}
